import express from 'express';
import { createIdentityProvider } from './identity.ts';
import { signingKey } from './identity-keys.ts';
import { serve } from './agencies/desk.ts';
import { sampleCity, samplePeople } from './samples.ts';

/** Secret of every client in tests. */
export const clientSecret = 'a secret for tests only';

/** Starts a sample identity provider for one test file; its signing key lives in `folder`. */
export async function startIdentity(folder: string, publicUrl = 'http://127.0.0.1:9') {
  const app = express();
  const server = await serve(app, 0);
  const issuer = `${server.url}/dev-idp`;
  app.use(
    await createIdentityProvider({
      issuer,
      publicUrl,
      audience: 'motcua',
      web: { clientId: 'motcua-web', clientSecret },
      machines: {
        'fire-service': clientSecret,
        treasury: clientSecret,
        'resident-registry': clientSecret,
        residence: clientSecret,
        'social-insurance': clientSecret,
      },
      people: samplePeople(),
      city: sampleCity(),
      key: await signingKey(folder),
      cookieSecret: clientSecret,
    }),
  );
  return { ...server, issuer };
}
