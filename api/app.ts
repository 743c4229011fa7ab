import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { Registry } from 'prom-client';
import type { Config } from '../config.ts';
import { actions } from './actions.ts';
import { amendments } from './amendments.ts';
import { applications } from './applications.ts';
import { knowActor } from './auth.ts';
import { backchannel } from './backchannel.ts';
import { calendars } from './calendars.ts';
import { bulk } from './bulk.ts';
import { caseContents } from './case-content.ts';
import { campaignPlans } from './campaign-plans.ts';
import { campaigns } from './campaigns.ts';
import { cases } from './cases.ts';
import { clock } from './clock.ts';
import { codec } from './codec.ts';
import { comments } from './comments.ts';
import { credentials } from './credentials.ts';
import { delegations } from './delegations.ts';
import type { Deps } from './deps.ts';
import { documentActs } from './document-acts.ts';
import { documents } from './documents.ts';
import { answerProblems, notFound } from './errors.ts';
import { fhir } from './fhir/index.ts';
import { answerOutcomes } from './fhir/outcome.ts';
import { filters } from './filters.ts';
import { health, metrics } from './health.ts';
import { pages } from '../pages/index.ts';
import { answerOnPage } from '../pages/problems.ts';
import { caseActs } from './case-acts.ts';
import { reopenings } from './reopenings.ts';
import { inbox } from './inbox.ts';
import { liveNews } from './live.ts';
import { connectors } from './connectors.ts';
import { interventions } from './interventions.ts';
import { links } from './links.ts';
import { me } from './me.ts';
import { notices } from './notices.ts';
import { logRequests, measureRequests } from './observe.ts';
import { openapi } from './openapi.ts';
import { audit } from './audit.ts';
import { operations } from './operations.ts';
import { payments } from './payments.ts';
import { people } from './people.ts';
import { preparedApplications } from './prepared-applications.ts';
import { procedures } from './procedures.ts';
import { pushSubscriptions } from './push-subscriptions.ts';
import { ratings } from './ratings.ts';
import { recounts } from './recounts.ts';
import { registers } from './registers.ts';
import { remittances } from './remittances.ts';
import { resumableUploads } from './resumable-uploads.ts';
import { representatives } from './representatives.ts';
import { devIdentityProvider, devMailbox, devTrustServices, temporalUi } from './proxies.ts';
import { sessions, watchSessions } from './session.ts';
import { signIn } from './sign-in.ts';
import { knowStranger, ownPlaces } from './strangers.ts';
import { open311 } from './open311/index.ts';
import { photos } from './photos.ts';
import { progress } from './progress.ts';
import { reportFollowers } from './report-followers.ts';
import { reports } from './reports.ts';
import { reportSettings } from './report-settings.ts';
import { tasks } from './tasks.ts';
import { temporalMarkdown } from './temporal-markdown.ts';
import { uploads } from './uploads.ts';
import { settings } from './settings.ts';
import { tariffs } from './tariffs.ts';
import { tracking } from './tracking.ts';
import { previews } from './previews.ts';
import { verify } from './verify.ts';
import { windows } from './windows.ts';

/** Makes the API and its pages; never listens. */
export function createApp(deps: Deps): Express {
  const { config, log } = deps;
  const registry = new Registry();
  const app = express();
  app.disable('x-powered-by');
  app.set(
    'trust proxy',
    config.TRUST_PROXY.split(',').map((each) => each.trim()),
  );

  app.use(logRequests(log), measureRequests(registry));
  app.use(devIdentityProvider(config), devTrustServices(config), devMailbox(config));
  app.use(health(deps));
  // Programs send it, without a session of their own.
  app.use(backchannel(deps));
  app.use(sessions(config, deps.db), watchSessions(deps), knowActor(deps.identity, config.publicUrl));
  app.use(ownPlaces, knowStranger(deps));
  app.use(temporalMarkdown(), temporalUi(config));
  app.use(ownHeaders(config));
  app.use(metrics(deps, registry), openapi(config.publicUrl), signIn(deps));
  app.use(codec(deps));
  app.use(fhir(deps));
  app.use('/api', express.json({ limit: '256kb' }), privateAnswers);
  app.use(
    procedures(deps),
    uploads(deps),
    resumableUploads(deps),
    applications(deps),
    preparedApplications(deps),
    representatives(deps),
    me(deps),
    notices(deps),
    pushSubscriptions(deps),
    cases(deps),
    caseContents(deps),
    inbox(deps),
    tasks(deps),
    ratings(deps),
    recounts(deps),
    registers(deps),
    remittances(deps),
    calendars(deps),
    clock(deps),
    actions(deps),
    amendments(deps),
    campaigns(deps),
    campaignPlans(deps),
    comments(deps),
    links(deps),
    caseActs(deps),
    reopenings(deps),
    operations(deps),
    audit(deps),
    interventions(deps),
    connectors(deps),
    payments(deps),
    people(deps),
    delegations(deps),
    bulk(deps),
    liveNews(deps),
    filters(deps),
    documents(deps),
    documentActs(deps),
    credentials(deps),
    verify(deps),
    previews(deps),
    tracking(deps),
    windows(deps),
    tariffs(deps),
    settings(deps),
    open311(deps),
    photos(deps),
    reports(deps),
    reportFollowers(deps),
    reportSettings(deps),
    progress(deps),
  );
  app.use(pages(deps));
  // Last, so that whatever is thrown above is answered here and Express never prints it.
  app.use(notFound, answerOutcomes(log), answerOnPage(log), answerProblems(log));
  return app;
}

/** What the API tells is about people: nothing between us and the caller keeps it. */
const privateAnswers: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'private, no-store');
  next();
};

/** Security headers of our own pages: scripts of our own only, nothing from elsewhere, forms only to us and to the sign-out. */
function ownHeaders({ publicUrl, OIDC_ISSUER: issuer, MAP_TILES: tiles }: Config): RequestHandler {
  const pictures = tiles ? [new URL(tiles).origin] : [];
  const formTargets = issuer ? ["'self'", new URL(issuer).origin] : ["'self'"];
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        workerSrc: ["'self'"],
        connectSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', ...pictures],
        fontSrc: ["'self'"],
        // Papers are shown inside the page.
        frameSrc: ["'self'"],
        formAction: formTargets,
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Without a referrer at all, browsers would not tell the origin of our own forms.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: publicUrl.startsWith('https:'),
  });
}
