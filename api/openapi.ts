import { Router } from 'express';
import helmet from 'helmet';
import swaggerUi from 'swagger-ui-express';
import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import { everybody } from './abilities.ts';
import * as actions from './actions.ts';
import * as amendments from './amendments.ts';
import * as applications from './applications.ts';
import * as calendars from './calendars.ts';
import * as bulk from './bulk.ts';
import * as caseContents from './case-content.ts';
import * as campaignPlans from './campaign-plans.ts';
import * as campaigns from './campaigns.ts';
import * as cases from './cases.ts';
import * as clock from './clock.ts';
import * as codec from './codec.ts';
import * as comments from './comments.ts';
import * as credentials from './credentials.ts';
import * as delegations from './delegations.ts';
import * as documentActs from './document-acts.ts';
import * as documents from './documents.ts';
import * as filters from './filters.ts';
import * as health from './health.ts';
import * as inbox from './inbox.ts';
import * as caseActs from './case-acts.ts';
import * as reopenings from './reopenings.ts';
import * as live from './live.ts';
import * as connectors from './connectors.ts';
import * as interventions from './interventions.ts';
import * as links from './links.ts';
import * as audit from './audit.ts';
import * as operations from './operations.ts';
import * as payments from './payments.ts';
import * as me from './me.ts';
import * as notices from './notices.ts';
import * as pushSubscriptions from './push-subscriptions.ts';
import * as people from './people.ts';
import * as preparedApplications from './prepared-applications.ts';
import * as procedures from './procedures.ts';
import * as ratings from './ratings.ts';
import * as recounts from './recounts.ts';
import * as registers from './registers.ts';
import * as remittances from './remittances.ts';
import * as representatives from './representatives.ts';
import * as tasks from './tasks.ts';
import * as uploads from './uploads.ts';
import * as settings from './settings.ts';
import * as tariffs from './tariffs.ts';
import * as tracking from './tracking.ts';
import * as previews from './previews.ts';
import * as verify from './verify.ts';
import * as windows from './windows.ts';
import * as photos from './photos.ts';
import * as progress from './progress.ts';
import * as reportFollowers from './report-followers.ts';
import * as reports from './reports.ts';
import * as reportSettings from './report-settings.ts';

const groups: Record<string, { paths: ZodOpenApiPathsObject }> = {
  procedures,
  uploads,
  applications,
  preparedApplications,
  representatives,
  me,
  cases,
  caseContents,
  inbox,
  tasks,
  ratings,
  recounts,
  registers,
  remittances,
  calendars,
  clock,
  actions,
  amendments,
  campaigns,
  campaignPlans,
  comments,
  notices,
  pushSubscriptions,
  links,
  caseActs,
  reopenings,
  operations,
  audit,
  interventions,
  connectors,
  payments,
  people,
  delegations,
  bulk,
  filters,
  live,
  documents,
  documentActs,
  credentials,
  verify,
  previews,
  tracking,
  windows,
  tariffs,
  settings,
  photos,
  progress,
  reports,
  reportFollowers,
  reportSettings,
  codec,
  health,
};

/** Describes the whole API as OpenAPI 3.1, from the same schemas that check requests and answers. */
function describeApi(publicUrl: string) {
  const paths: ZodOpenApiPathsObject = {};
  for (const [tag, group] of Object.entries(groups))
    for (const [path, operations] of Object.entries(group.paths))
      paths[path] = {
        ...paths[path],
        ...Object.fromEntries(
          Object.entries(operations).map(([method, operation]) => [method, { tags: [tag], ...operation }]),
        ),
      };
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Motcua',
      version: '1',
      description:
        'One door for administrative procedures. Every act carries an `Idempotency-Key`; 2xx means that it is kept. ' +
        'Every refusal is problem+json (RFC 9457) whose `type` says why and whose `errors` point to the fields.',
    },
    servers: [{ url: publicUrl }],
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    paths,
  });
}

/** The description at /openapi.json, and a page at /docs to read and try it. */
export function openapi(publicUrl: string): Router {
  const router = Router();
  const document = describeApi(publicUrl);
  router.get('/openapi.json', everybody, (_req, res) => void res.json(document));

  // This page of others' making has styles in its markup; everything else on it is our own origin's.
  const policy = helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      frameAncestors: ["'none'"],
    },
  });
  const page = swaggerUi.setup(undefined, { swaggerUrl: '/openapi.json', customSiteTitle: 'Motcua API' });
  router.use('/docs', policy, ...swaggerUi.serve, page);
  return router;
}
