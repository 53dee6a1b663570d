import { z } from 'zod'
import { operation } from '../operation.ts'
import { User } from '../outputs.ts'
import { Reason, Reference, SecretText } from '../scalars.ts'

const onUser = { principals: ['User'], resource: 'User', id: (input: { id: string }) => input.id } as const
const onOther = { authorize: onUser, assurance: 'su', groups: ['writeActions', 'sensitiveActions'], audit: { omit: [] }, refusals: [] } as const

/** What is done to people by those who administer them. */
export const peopleOperations = [
  operation({
    name: 'user.disable', kind: 'mutation', summary: 'Shut a person out: sessions, tokens and credentials end now, on every node.',
    input: z.object({ id: Reference, reason: Reason }), output: User,
    ...onOther, command: { positional: 'id', examples: ['ada --reason "left the company"'] },
  }),
  operation({
    name: 'user.enable', kind: 'mutation', summary: 'Let a disabled person log in again; what had ended stays ended.',
    input: z.object({ id: Reference }), output: User,
    ...onOther, command: { positional: 'id', examples: ['ada'] },
  }),
  operation({
    name: 'user.unlock', kind: 'mutation', summary: 'Forget a person\'s failed guesses of password and codes.',
    input: z.object({ id: Reference }), output: User,
    ...onOther, command: { positional: 'id', examples: ['ada'] },
  }),
  operation({
    name: 'user.resetPassword', kind: 'mutation', summary: 'Give a person a one-time password, shown once; his sessions end.',
    input: z.object({ id: Reference }), output: z.object({ ...User.shape, oneTimePassword: SecretText }).meta({ id: 'PasswordReset' }),
    ...onOther, command: { positional: 'id', examples: ['ada'] },
  }),
] as const
