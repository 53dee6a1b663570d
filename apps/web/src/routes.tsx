import { Navigate, Route } from '@solidjs/router'
import { lazy, type JSX } from 'solid-js'

const Overview = lazy(() => import('./features/overview/overview.tsx'))
const Leases = lazy(() => import('./features/leases/leases.tsx'))
const LeaseDetail = lazy(() => import('./features/leases/lease-detail.tsx'))
const Keys = lazy(() => import('./features/keys/keys.tsx'))
const KeyDetail = lazy(() => import('./features/keys/key-detail.tsx'))
const Certificates = lazy(() => import('./features/certificates/certificates.tsx'))
const Hosts = lazy(() => import('./features/hosts/hosts.tsx'))
const HostDetail = lazy(() => import('./features/hosts/host-detail.tsx'))
const RegisterHost = lazy(() => import('./features/hosts/register-host.tsx'))
const ImportHosts = lazy(() => import('./features/hosts/import-hosts.tsx'))
const Authority = lazy(() => import('./features/authority/authority.tsx'))
const EncryptionKeys = lazy(() => import('./features/encryption/keys.tsx'))
const EncryptionKeyDetail = lazy(() => import('./features/encryption/key-detail.tsx'))
const EncryptionOverview = lazy(() => import('./features/encryption/overview.tsx'))
const Locks = lazy(() => import('./features/locks/locks.tsx'))
const LockDetail = lazy(() => import('./features/locks/lock-detail.tsx'))
const Issue = lazy(() => import('./features/issue/issue.tsx'))
const CredentialBackends = lazy(() => import('./features/backends/backends.tsx'))
const CredentialBackendDetail = lazy(() => import('./features/backends/backend-detail.tsx'))
const ConfigureBackend = lazy(() => import('./features/backends/configure-backend.tsx'))
const CredentialRoles = lazy(() => import('./features/roles/roles.tsx'))
const CredentialRoleDetail = lazy(() => import('./features/roles/role-detail.tsx'))
const RevokeLeases = lazy(() => import('./features/revoke/revoke-leases.tsx'))
const Unwrap = lazy(() => import('./features/unwrap/unwrap.tsx'))
const Audit = lazy(() => import('./features/audit/audit.tsx'))
const AuditDetail = lazy(() => import('./features/audit/audit-detail.tsx'))
const Sessions = lazy(() => import('./features/me/sessions.tsx'))
const Authenticators = lazy(() => import('./features/me/authenticators.tsx'))
const MyTokens = lazy(() => import('./features/me/tokens.tsx'))
const NewMyToken = lazy(() => import('./features/me/new-token.tsx'))
const MyNotices = lazy(() => import('./features/me/notices.tsx'))
const ApproveDevice = lazy(() => import('./features/device/approve-device.tsx'))
const InvitedAlready = lazy(() => import('./features/invite/invited-already.tsx'))
const Account = lazy(() => import('./features/me/account.tsx'))
const Users = lazy(() => import('./features/people/users.tsx'))
const UserDetail = lazy(() => import('./features/people/user-detail.tsx'))
const CreateUser = lazy(() => import('./features/people/create-user.tsx'))
const InviteUser = lazy(() => import('./features/people/invite-user.tsx'))
const ImportUsers = lazy(() => import('./features/people/import-users.tsx'))
const Teams = lazy(() => import('./features/people/teams.tsx'))
const TeamDetail = lazy(() => import('./features/people/team-detail.tsx'))
const ServiceAccounts = lazy(() => import('./features/programs/service-accounts.tsx'))
const AccountDetail = lazy(() => import('./features/programs/account-detail.tsx'))
const NewToken = lazy(() => import('./features/programs/new-token.tsx'))
const Approvals = lazy(() => import('./features/approvals/approvals.tsx'))
const ApprovalDetail = lazy(() => import('./features/approvals/approval-detail.tsx'))
const Alerts = lazy(() => import('./features/alerts/alerts.tsx'))
const AlertDetail = lazy(() => import('./features/alerts/alert-detail.tsx'))
const Incidents = lazy(() => import('./features/incidents/incidents.tsx'))
const IncidentDetail = lazy(() => import('./features/incidents/incident-detail.tsx'))
const AlertChannels = lazy(() => import('./features/alerts/channels.tsx'))
const AlertChannelDetail = lazy(() => import('./features/alerts/channel-detail.tsx'))
const NewAlertChannel = lazy(() => import('./features/alerts/new-channel.tsx'))
const EmergencyRequests = lazy(() => import('./features/emergency/requests.tsx'))
const EmergencyRequestDetail = lazy(() => import('./features/emergency/request-detail.tsx'))
const AskEmergency = lazy(() => import('./features/emergency/ask-emergency.tsx'))
const EmergencySessions = lazy(() => import('./features/emergency/sessions.tsx'))
const EmergencySessionDetail = lazy(() => import('./features/emergency/session-detail.tsx'))
const ReviewEmergency = lazy(() => import('./features/emergency/review.tsx'))
const ApprovalRule = lazy(() => import('./features/emergency/rule.tsx'))
const Security = lazy(() => import('./features/dashboard/security.tsx'))
const Settings = lazy(() => import('./features/settings/settings.tsx'))
const Policies = lazy(() => import('./features/policy/policies.tsx'))
const PolicyDetail = lazy(() => import('./features/policy/policy-detail.tsx'))
const Explain = lazy(() => import('./features/policy/explain.tsx'))
const AccessMatrix = lazy(() => import('./features/policy/matrix.tsx'))
const PolicyHistory = lazy(() => import('./features/policy/history.tsx'))
const PolicyHistoryDetail = lazy(() => import('./features/policy/history-detail.tsx'))
const ChangePolicies = lazy(() => import('./features/policy/change-policies.tsx'))
const ShadowPolicies = lazy(() => import('./features/policy/shadow.tsx'))
const Decisions = lazy(() => import('./features/policy/decisions.tsx'))
const DecisionDetail = lazy(() => import('./features/policy/decision-detail.tsx'))
const ExportAudit = lazy(() => import('./features/audit/export/export-audit.tsx'))
const Retention = lazy(() => import('./features/audit/retention/retention.tsx'))
const Sinks = lazy(() => import('./features/sinks/sinks.tsx'))
const SinkDetail = lazy(() => import('./features/sinks/sink-detail.tsx'))
const Workspaces = lazy(() => import('./features/workspaces/workspaces.tsx'))
const WorkspaceDetail = lazy(() => import('./features/workspaces/workspace-detail.tsx'))
const Environments = lazy(() => import('./features/workspaces/environments.tsx'))
const Lost = lazy(() => import('./features/shell/lost.tsx'))

/**
 * Loads a list's detail with the list: it opens at once then, and no transition that waits for its code meets an answer
 * that comes meanwhile.
 */
const ahead = (detail: { readonly preload: () => Promise<unknown> }) => (): void => void detail.preload()

/** Every screen by its address. A detail stands below its list, so the list stays where it was. */
export const routes: JSX.Element = (
  <>
    <Route path="/" component={Overview} />
    <Route path="/access">
      <Route path="/leases" component={Leases} preload={ahead(LeaseDetail)}>
        <Route path="/" />
        <Route path="/:id" component={LeaseDetail} />
      </Route>
      <Route path="/keys" component={Keys} preload={ahead(KeyDetail)}>
        <Route path="/" />
        <Route path="/:id" component={KeyDetail} />
      </Route>
      <Route path="/certificates" component={Certificates} />
      <Route path="/hosts" component={Hosts} preload={ahead(HostDetail)}>
        <Route path="/" />
        <Route path="/:id" component={HostDetail} />
      </Route>
      <Route path="/register-host" component={RegisterHost} />
      <Route path="/locks" component={Locks} preload={ahead(LockDetail)}>
        <Route path="/" />
        <Route path="/:id" component={LockDetail} />
      </Route>
      <Route path="/import-hosts" component={ImportHosts} />
      <Route path="/authority" component={Authority} />
      <Route path="/issue" component={Issue} />
      <Route path="/revoke" component={RevokeLeases} />
      <Route path="/roles" component={CredentialRoles} preload={ahead(CredentialRoleDetail)}>
        <Route path="/" />
        <Route path="/:id" component={CredentialRoleDetail} />
      </Route>
      <Route path="/backends" component={CredentialBackends} preload={ahead(CredentialBackendDetail)}>
        <Route path="/" />
        <Route path="/:id" component={CredentialBackendDetail} />
      </Route>
      <Route path="/configure-backend" component={ConfigureBackend} />
    </Route>
    <Route path="/encryption/keys" component={EncryptionKeys} preload={ahead(EncryptionKeyDetail)}>
      <Route path="/" />
      <Route path="/:id" component={EncryptionKeyDetail} />
    </Route>
    <Route path="/encryption/overview" component={EncryptionOverview} />
    <Route path="/people/users" component={Users} preload={ahead(UserDetail)}>
      <Route path="/" />
      <Route path="/:id" component={UserDetail} />
    </Route>
    <Route path="/people/new" component={CreateUser} />
    <Route path="/people/invite" component={InviteUser} />
    <Route path="/people/import" component={ImportUsers} />
    <Route path="/people/teams" component={Teams} preload={ahead(TeamDetail)}>
      <Route path="/" />
      <Route path="/:id" component={TeamDetail} />
    </Route>
    <Route path="/programs/accounts" component={ServiceAccounts} preload={ahead(AccountDetail)}>
      <Route path="/" />
      <Route path="/:id" component={AccountDetail} />
    </Route>
    <Route path="/programs/new-token" component={NewToken} />
    <Route path="/approvals" component={Approvals} preload={ahead(ApprovalDetail)}>
      <Route path="/" />
      <Route path="/:id" component={ApprovalDetail} />
    </Route>
    <Route path="/alerts" component={Alerts} preload={ahead(AlertDetail)}>
      <Route path="/" />
      <Route path="/:id" component={AlertDetail} />
    </Route>
    <Route path="/incidents" component={Incidents} preload={ahead(IncidentDetail)}>
      <Route path="/" />
      <Route path="/:id" component={IncidentDetail} />
    </Route>
    <Route path="/alert-channels" component={AlertChannels} preload={ahead(AlertChannelDetail)}>
      <Route path="/" />
      <Route path="/:id" component={AlertChannelDetail} />
    </Route>
    <Route path="/new-alert-channel" component={NewAlertChannel} />
    <Route path="/emergency" component={() => <Navigate href="/emergency/requests" />} />
    <Route path="/emergency/requests" component={EmergencyRequests} preload={ahead(EmergencyRequestDetail)}>
      <Route path="/" />
      <Route path="/:id" component={EmergencyRequestDetail} />
    </Route>
    <Route path="/emergency/new" component={AskEmergency} />
    <Route path="/emergency/sessions" component={EmergencySessions} preload={ahead(EmergencySessionDetail)}>
      <Route path="/" />
      <Route path="/:id" component={EmergencySessionDetail} />
    </Route>
    <Route path="/emergency/review/:id" component={ReviewEmergency} />
    <Route path="/emergency/rule" component={ApprovalRule} />
    <Route path="/security" component={Security} />
    <Route path="/settings" component={Settings} />
    <Route path="/policy-explain" component={Explain} />
    <Route path="/policy" component={Policies} preload={ahead(PolicyDetail)}>
      <Route path="/" />
      <Route path="/:id" component={PolicyDetail} />
    </Route>
    <Route path="/policy-matrix" component={AccessMatrix} />
    <Route path="/policy-history" component={PolicyHistory} preload={ahead(PolicyHistoryDetail)}>
      <Route path="/" />
      <Route path="/:id" component={PolicyHistoryDetail} />
    </Route>
    <Route path="/policy-change" component={ChangePolicies} />
    <Route path="/policy-shadow" component={ShadowPolicies} />
    <Route path="/decisions" component={Decisions} preload={ahead(DecisionDetail)}>
      <Route path="/" />
      <Route path="/:id" component={DecisionDetail} />
    </Route>
    <Route path="/record/audit" component={Audit} preload={ahead(AuditDetail)}>
      <Route path="/" />
      <Route path="/:id" component={AuditDetail} />
    </Route>
    <Route path="/record/export" component={ExportAudit} />
    <Route path="/record/retention" component={Retention} />
    <Route path="/record/sinks" component={Sinks} preload={ahead(SinkDetail)}>
      <Route path="/" />
      <Route path="/:id" component={SinkDetail} />
    </Route>
    <Route path="/workspaces" component={Workspaces} preload={ahead(WorkspaceDetail)}>
      <Route path="/" />
      <Route path="/:id" component={WorkspaceDetail} />
    </Route>
    <Route path="/environments" component={Environments} />
    <Route path="/me/sessions" component={Sessions} />
    <Route path="/me/account" component={Account} />
    <Route path="/me/authenticators" component={Authenticators} />
    <Route path="/me/tokens" component={MyTokens} />
    <Route path="/me/new-token" component={NewMyToken} />
    <Route path="/me/notices" component={MyNotices} />
    <Route path="/device" component={ApproveDevice} />
    <Route path="/invite" component={InvitedAlready} />
    <Route path="/unwrap" component={Unwrap} />
    <Route path="*" component={Lost} />
  </>
)
