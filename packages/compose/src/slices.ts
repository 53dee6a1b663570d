import { loadAuditEntrySlice } from '@gatehouse/audit'
import { systemId } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { uid, type Slices } from '@gatehouse/enforcement'
import {
  loadApiTokenSlice,
  loadApprovalSlice,
  loadAuthenticatorSlice,
  loadServiceAccountSlice,
  loadSessionSlice,
  loadTeamSlice,
  loadUserSlice,
  loadWorkspaceSlice,
} from '@gatehouse/identity'
import { loadLeaseSlice } from '@gatehouse/secrets'
import { loadSshCertificateSlice, loadSshHostSlice, loadSshKeySlice } from '@gatehouse/ssh'

/** How each type of resource is loaded for a decision. Total: a type without a loader does not compile. */
export const slices: Slices<Store> = {
  System: (_db, id) =>
    Promise.resolve(
      id === systemId
        ? {
            resource: { type: 'System', id },
            workspace: null,
            entities: [{ uid: uid('System', id), attrs: {}, parents: [] }],
            versions: [],
          }
        : null,
    ),
  User: loadUserSlice,
  Team: loadTeamSlice,
  Workspace: loadWorkspaceSlice,
  Session: loadSessionSlice,
  Authenticator: loadAuthenticatorSlice,
  ServiceAccount: loadServiceAccountSlice,
  ApiToken: loadApiTokenSlice,
  Approval: loadApprovalSlice,
  Lease: loadLeaseSlice,
  SshHost: loadSshHostSlice,
  SshKey: loadSshKeySlice,
  SshCertificate: loadSshCertificateSlice,
  AuditEntry: loadAuditEntrySlice,
}
