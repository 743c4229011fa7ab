import { TestWorkflowEnvironment } from '@temporalio/testing';

/**
 * Downloads the Temporal command line by the SDK: `sdk-download.ts <version> <folder>`.
 *
 * The SDK offers no download alone; it fetches the program when it starts a server, which is ended at once.
 */
const [version = '', downloadDir = ''] = process.argv.slice(2);
try {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', version, downloadDir } },
  });
  await environment.teardown();
} catch (error) {
  // One line for the operator, without the address that the SDK repeats at every level.
  const text = error instanceof Error ? error.message : String(error);
  console.log(text.split(': ').at(-1)?.split('\n')[0]);
}
process.exit(0);
