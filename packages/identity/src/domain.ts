import type { Schema, Store } from '@gatehouse/database'
import type { Domain } from '@gatehouse/enforcement'
import { openIdentity, type IdentityNeeds, type IdentityPorts } from './open-identity.ts'
import { identityAlerts } from './shared/alerts.ts'
import { identityTables } from './upkeep/identity-tables.ts'
import { identitySchedules } from './upkeep/schedules.ts'
import { loadApiTokenSlice, loadServiceAccountSlice } from './programs/service-account/service-account-slice.queries.ts'
import {
  loadApprovalSlice,
  loadAuthenticatorSlice,
  loadSessionSlice,
  loadTeamSlice,
  loadUserSlice,
} from './slices.queries.ts'
import { loadEnvironmentSlice, loadWorkspaceSlice } from './workspace-slices.queries.ts'

/** Identity, as one value. */
export const identityDomain = {
  slices: {
    User: loadUserSlice,
    Team: loadTeamSlice,
    Workspace: loadWorkspaceSlice,
    Environment: loadEnvironmentSlice,
    Session: loadSessionSlice,
    Authenticator: loadAuthenticatorSlice,
    ServiceAccount: loadServiceAccountSlice,
    ApiToken: loadApiTokenSlice,
    Approval: loadApprovalSlice,
  },
  parents: ['Team', 'Workspace'],
  schedules: identitySchedules,
  tables: identityTables,
  alerts: identityAlerts,
  open: openIdentity,
} as const satisfies Domain<Store, Schema, IdentityNeeds, IdentityPorts>
