import { DefaultFailureConverter } from '@temporalio/common';

/** Puts error messages and stack traces where the payload codec encrypts them: an error may name a person. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
