import { allowInsecureRequests, clientCredentialsGrant, discovery, type Configuration } from 'openid-client';

/** Gives a bearer token; `fresh` asks for another one because the last was refused. */
export type TokenSource = (fresh?: boolean) => Promise<string>;

export interface MachineClient {
  issuer: string;
  clientId: string;
  clientSecret: string;
}

/** Gets an agency's own token by client credentials when one is first needed, and keeps it until a minute before it ends. */
export function machineToken({ issuer, clientId, clientSecret }: MachineClient): TokenSource {
  let provider: Configuration | undefined;
  let token = { value: '', usableUntil: 0 };
  return async (fresh = false) => {
    if (!fresh && performance.now() < token.usableUntil) return token.value;
    const insecure = issuer.startsWith('http:') ? { execute: [allowInsecureRequests] } : {};
    provider ??= await discovery(new URL(issuer), clientId, clientSecret, undefined, insecure);
    const granted = await clientCredentialsGrant(provider);
    const lifetime = granted.expiresIn() ?? 0;
    token = { value: granted.access_token, usableUntil: performance.now() + (lifetime - 60) * 1_000 };
    return token.value;
  };
}
