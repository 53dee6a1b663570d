import type { HandlersOf } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { serviceAccountGet, serviceAccountList } from '../service-account/service-account-read.ts'
import { serviceAccountDelete, serviceAccountDisable } from '../service-account/service-account-standing.ts'
import { serviceAccountCreate, serviceAccountUpdate } from '../service-account/service-account-write.ts'
import { apiTokenGet, apiTokenList } from './api-token-read.ts'
import { apiTokenCreate, apiTokenRevoke } from './api-token-write.ts'

/** Programs' accounts and the tokens of programs and scripts. */
export const apiTokenHandlers = (deps: HandlerDeps): HandlersOf<'serviceAccount' | 'apiToken'> => ({
  'serviceAccount.create': serviceAccountCreate(deps),
  'serviceAccount.list': serviceAccountList(deps),
  'serviceAccount.get': serviceAccountGet(deps),
  'serviceAccount.update': serviceAccountUpdate(deps),
  'serviceAccount.disable': serviceAccountDisable(deps),
  'serviceAccount.delete': serviceAccountDelete(deps),
  'apiToken.create': apiTokenCreate(deps),
  'apiToken.list': apiTokenList(deps),
  'apiToken.get': apiTokenGet(deps),
  'apiToken.revoke': apiTokenRevoke(deps),
})
