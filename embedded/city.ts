import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { ConfigError, readConfig, required } from '../config.ts';
import { onStop, ready } from '../lifecycle.ts';
import { createLogger } from '../log.ts';
import { createBirthCertificates } from './agencies/birth-certificates.ts';
import { createCivilStatus } from './agencies/civil-status.ts';
import { createEducation } from './agencies/education.ts';
import { serve } from './agencies/desk.ts';
import { createFireService } from './agencies/fire-service.ts';
import { createImmunisations } from './agencies/immunisations.ts';
import { createInsuranceClaims } from './agencies/insurance-claims.ts';
import { createLandRegistry } from './agencies/land-registry.ts';
import { machineToken } from './agencies/machine-token.ts';
import { createPlanning } from './agencies/planning.ts';
import { createResidence } from './agencies/residence.ts';
import { createResidentRegistry } from './agencies/resident-registry.ts';
import { createSocialInsurance } from './agencies/social-insurance.ts';
import { createTreasury } from './agencies/treasury.ts';
import { createAuthority } from './authority/index.ts';
import { signingKey } from './identity-keys.ts';
import { createIdentityProvider } from './identity.ts';
import { secret } from './keys.ts';
import { openPostOffice } from './post-office/index.ts';
import { sampleCity, samplePeople } from './samples.ts';

// The process that stands for the world around Motcua: the sample identity provider, the sample trust services and the
// sample agencies.

const port = z.int().min(1).max(65535);
const Ports = z.object({
  identity: port,
  authority: port,
  residentRegistry: port,
  landRegistry: port,
  planning: port,
  fireService: port,
  treasury: port,
  birthCertificates: port,
  civilStatus: port,
  residence: port,
  socialInsurance: port,
  immunisations: port,
  insuranceClaims: port,
  education: port,
  smtp: port,
  postOffice: port,
});

function readPorts(text: string | undefined): z.infer<typeof Ports> {
  try {
    return Ports.parse(JSON.parse(text ?? ''));
  } catch {
    const names = Object.keys(Ports.shape).join(', ');
    throw new ConfigError(
      `CITY_PORTS is ${JSON.stringify(text)}; allowed: JSON with a port each for ${names}`,
    );
  }
}

const config = readConfig();
const ports = readPorts(process.env['CITY_PORTS']);
const log = createLogger('city', config.LOG_LEVEL);
const issuer = required(config, 'OIDC_ISSUER');
const { publicUrl, dataDir } = config;

const machines = {
  'fire-service': await secret(dataDir, 'fire-service-client', 'base64url'),
  treasury: await secret(dataDir, 'treasury-client', 'base64url'),
  'resident-registry': await secret(dataDir, 'resident-registry-client', 'base64url'),
  residence: await secret(dataDir, 'residence-client', 'base64url'),
  'social-insurance': await secret(dataDir, 'social-insurance-client', 'base64url'),
  hospital: await secret(dataDir, 'hospital-client', 'base64url'),
  insurer: await secret(dataDir, 'insurer-client', 'base64url'),
};
const identity = await createIdentityProvider({
  issuer,
  publicUrl,
  audience: config.OIDC_AUDIENCE,
  web: { clientId: config.OIDC_CLIENT_ID, clientSecret: required(config, 'OIDC_CLIENT_SECRET') },
  machines,
  people: samplePeople(),
  city: sampleCity(),
  key: await signingKey(dataDir),
  cookieSecret: await secret(dataDir, 'identity-cookies'),
});

const pki = join(dataDir, 'pki');
const stopping = new AbortController();
const callsBackAs = (clientId: keyof typeof machines) => ({
  token: machineToken({ issuer, clientId, clientSecret: machines[clientId] }),
  publicUrl,
  folder: join(dataDir, 'city'),
  log: log.child({ agency: clientId }),
  signal: stopping.signal,
});
const listening = await Promise.all([
  serve(identity, ports.identity),
  ...(config.SIGNING_KEYS === pki
    ? [serve(await createAuthority({ folder: pki, clock: systemClock }), ports.authority)]
    : []),
  serve(createResidentRegistry(callsBackAs('resident-registry')), ports.residentRegistry),
  serve(createLandRegistry(), ports.landRegistry),
  serve(createPlanning(), ports.planning),
  serve(createFireService(callsBackAs('fire-service')), ports.fireService),
  serve(createTreasury({ ...callsBackAs('treasury'), clock: systemClock }), ports.treasury),
  serve(createBirthCertificates(), ports.birthCertificates),
  serve(createCivilStatus(), ports.civilStatus),
  serve(createResidence(callsBackAs('residence')), ports.residence),
  serve(createSocialInsurance(callsBackAs('social-insurance')), ports.socialInsurance),
  serve(createImmunisations(), ports.immunisations),
  serve(createInsuranceClaims(), ports.insuranceClaims),
  serve(createEducation({ folder: join(dataDir, 'city') }), ports.education),
  openPostOffice({
    token: config.SMS_TOKEN,
    clock: systemClock,
    smtpPort: ports.smtp,
    port: ports.postOffice,
  }),
]);

onStop(async () => {
  stopping.abort();
  await Promise.all(listening.map(({ close }) => close()));
});
ready();
