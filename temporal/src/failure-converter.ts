import { DefaultFailureConverter } from '@temporalio/common'

/**
 * Messages and stacks of failures go through the codec, too: they are the part of a history that says too much most
 * easily.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })
