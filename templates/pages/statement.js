/**
 * Verifies the statement in a document's QR code in a browser (or anywhere with WebCrypto), without asking any server.
 *
 * @param {string} address what the QR code holds: `https://…/verify/<id>#<statement>`
 * @param {JsonWebKey[]} keys public keys of the issuer
 * @returns {Promise<{verdict: 'genuine' | 'forged' | 'unreadable', id?: string, claims?: object}>} `forged` also where none of
 *   the keys has signed it
 */
export async function verifyStatement(address, keys) {
  const parts = /\/verify\/([0-9a-f-]{36})[^#]*#([\w-]+)\.([\w-]+)\.([\w-]+)\s*$/.exec(address);
  if (!parts) return { verdict: 'unreadable' };
  const [, id, header, payload, signature] = parts;
  try {
    const { alg, kid } = parse(header);
    const claims = parse(payload);
    if (typeof claims.doc !== 'string' || typeof claims.who !== 'string') return { verdict: 'unreadable' };
    const key = keys.find((each) => each.kid === kid && alg === 'ES256');
    const signed = new TextEncoder().encode(`${header}.${payload}`);
    const genuine = key && (await verify(key, bytes(signature), signed));
    return genuine ? { verdict: 'genuine', id, claims } : { verdict: 'forged' };
  } catch {
    return { verdict: 'unreadable' };
  }
}

/**
 * Tells whether a name is that of whom the document was issued to; accents and capitals do not count.
 *
 * @param {{id: string, claims: {who: string}}} statement as `verifyStatement` gave it
 * @param {string} name
 */
export async function isHolder({ id, claims }, name) {
  const accents = /\p{M}/gu;
  const plain = name.normalize('NFD').replace(accents, '').toLowerCase().replaceAll('đ', 'd');
  const text = `${id}\n${plain.replace(/\s+/g, ' ').trim()}`;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return bytes(claims.who).every((byte, at) => byte === digest[at]) && claims.who.length === 11;
}

async function verify({ kty, crv, x, y }, signature, signed) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, false, ['verify']);
  return crypto.subtle.verify(algorithm, key, signature, signed);
}

const bytes = (base64url) =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (letter) =>
    letter.charCodeAt(0),
  );

const parse = (base64url) => JSON.parse(new TextDecoder().decode(bytes(base64url)));
