import type { Handlers } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { acceptInvite } from './accept-invite.ts'
import { userImport } from './user-import.ts'
import { userInvite } from './user-invite.ts'

type Names = 'auth.acceptInvite' | 'user.invite' | 'user.import'

/** How people come in other than by an administrator's one-time password. */
export const inviteHandlers = (deps: HandlerDeps): Pick<Handlers, Names> => ({
  'auth.acceptInvite': acceptInvite(deps),
  'user.invite': userInvite(deps),
  'user.import': userImport(deps),
})
