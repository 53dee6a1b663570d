import type { OperationName } from '@gatehouse/contract'

/** Changes that are one statement as a rule, which looks at their caller as entries of reads do (ADR 119). */
const provedByTheirStatement: ReadonlySet<OperationName> = new Set<OperationName>(['kms.encrypt'])

/** What opens or seals, and may wait for the row of its key before it is answered (ADR 124). */
const lookedAtAgain: ReadonlySet<OperationName> = new Set<OperationName>([
  'kms.encrypt',
  'kms.decrypt',
  'kms.generateDataKey',
  'kms.rewrap',
])

/** Whether a change begins before its caller was looked at: the statement that writes it looks. */
export const isProvedByItsStatement = (name: OperationName): boolean => provedByTheirStatement.has(name)

/** Whether the caller of a change is looked at once more as it goes on record. */
export const looksAgain = (name: OperationName): boolean => lookedAtAgain.has(name)
