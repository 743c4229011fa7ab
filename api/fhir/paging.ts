import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { required, type Config } from '../../config.ts';
import { FhirProblem } from './outcome.ts';

/** A search that goes on, as its `next` link carries it: what was searched for, and where the page ended. */
export interface Continued {
  /** Type that is searched. */
  type: string;
  parameters: [string, string][];
  updatedAt: string;
  id: string;
}

/** Makes and reads the tokens of `next` links. They are encrypted: what was searched for may be a personal number. */
export function pageTokens(config: Config) {
  const key = Buffer.from(
    hkdfSync('sha256', required(config, 'SESSION_SECRET'), '', 'motcua fhir pages', 32),
  );
  return {
    write(page: Continued): string {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const text = Buffer.concat([cipher.update(JSON.stringify(page), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
    },
    read(token: string, type: string): Continued {
      try {
        const bytes = Buffer.from(token, 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
        decipher.setAuthTag(bytes.subarray(12, 28));
        const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
        const page = JSON.parse(text) as Continued;
        if (page.type === type) return page;
        throw new Error('of another type');
      } catch {
        throw new FhirProblem(400, 'value', 'Liên kết trang không đúng · This is no link to a next page');
      }
    },
  };
}
