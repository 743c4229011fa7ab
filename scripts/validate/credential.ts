import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { readConfig } from '../../config.ts';
import { issueCredential } from '../../credentials/credential.ts';
import { openIssuer } from '../../credentials/issuer.ts';
import { installed, run, work } from './tools.ts';

const disclosable = {
  applicant: { fullName: 'Nguyễn Văn An', personalNumber: '077090990001' },
  answers: { childName: 'Nguyễn Lê Minh Châu', hometown: { ward: 'Phường Vũng Tàu' } },
};

/**
 * Lets the reference implementation of SD-JWT present one claim of a credential and verify what is shown.
 *
 * @returns what is wrong: nothing when it sees that claim and no other, and refuses a credential of somebody else's key
 */
export async function judgeCredential(): Promise<string[]> {
  const config = readConfig({
    PUBLIC_URL: 'https://motcua.example.vn',
    ISSUER_KEY: Buffer.alloc(32, 8).toString('base64'),
  });
  const issuer = await openIssuer(config);
  const credential = await issueCredential(issuer, {
    type: `${issuer.url}/credentials/childHealthCard/card`,
    open: { number: '01/BHYT' },
    disclosable,
    status: { uri: `${issuer.url}/status-lists/0`, index: 7 },
    issuedAt: new Date(),
    expiresAt: undefined,
  });
  const seen = await present(credential, issuer.keys);
  const shown = JSON.stringify({ applicant: seen?.['applicant'], answers: seen?.['answers'] });
  const right = JSON.stringify({ applicant: {}, answers: { childName: disclosable.answers.childName } });
  const others = (await openIssuer({ ...config, ISSUER_KEY: Buffer.alloc(32, 9).toString('base64') })).keys;
  const forged = await present(credential, [{ ...others[0], kid: issuer.keys[0]!.kid! }]);
  return [
    ...(shown === right ? [] : [`the reference implementation of SD-JWT sees ${shown}`]),
    ...(forged ? ['the reference implementation of SD-JWT accepts a credential of another key'] : []),
  ];
}

async function present(credential: string, keys: object[]): Promise<Record<string, unknown> | undefined> {
  const [file, jwks] = [join(work, 'credential'), join(work, 'jwks.json')];
  await Promise.all([writeFile(file, credential), writeFile(jwks, JSON.stringify({ keys }))]);
  try {
    const { stdout } = await run(installed.python, [
      installed.credentialProgram,
      file,
      jwks,
      'answers/childName',
    ]);
    return JSON.parse(stdout) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
