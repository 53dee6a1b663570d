import { z } from 'zod'
import { BackupCodes, BackupCodeStatus } from '../mfa-outputs.ts'
import { operation } from '../operation.ts'
import { Id, SecretText } from '../scalars.ts'

const onSelf = { principals: ['User'], resource: 'User', id: (_: unknown, caller: { principalId: string }) => caller.principalId } as const

export const mfaOperations = [
  operation({
    name: 'backupCode.status', kind: 'query', summary: 'How many of your backup codes are left.',
    input: z.object({}), output: BackupCodeStatus,
    authorize: onSelf, assurance: 'pw', groups: ['selfActions', 'readActions'], audit: { omit: [] }, refusals: [], firstSteps: 'enrolment', command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'backupCode.regenerate', kind: 'mutation', summary: 'Make ten new backup codes, shown once; the old ones work until these are confirmed.',
    input: z.object({}), output: BackupCodes,
    authorize: onSelf, assurance: 'su', groups: ['selfActions', 'sensitiveActions'], audit: { omit: [] }, refusals: [], command: { examples: ['', '--json'] },
  }),
  operation({
    name: 'backupCode.confirm', kind: 'mutation', summary: 'Put new backup codes in force by typing one of them, which stays unspent; the old ones die.',
    input: z.object({ id: Id, code: SecretText }), output: BackupCodeStatus,
    authorize: onSelf, assurance: 'mfa', groups: ['selfActions'], audit: { omit: [] }, refusals: ['invalid-credentials'], command: { positional: 'id', examples: ['SET --code abcd-efgh-jkmn-pqrs'] },
  }),
] as const
