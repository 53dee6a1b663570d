/** How soon somebody has to look, most urgent first. */
export const alertSeverities = ['critical', 'high', 'medium', 'low'] as const
export type AlertSeverity = (typeof alertSeverities)[number]

/**
 * What is done with a fact of an alert. `sent`: it stands in messages to channels; `kept`: only in the alert itself,
 * for those who may read alerts. What is not declared cannot be raised: nothing leaves by mistake.
 */
export type FactUse = 'sent' | 'kept'

/** One kind of alert, as data. */
export interface AlertKindData {
  readonly severity: AlertSeverity
  /** What people call it, in a few words. */
  readonly label: string
  /** What happened, in a sentence; it is the title of every message. */
  readonly summary: string
  /** What to do about it. */
  readonly advice: string
  readonly facts: Readonly<Record<string, FactUse>>
  /** Minutes in which the same thing is only counted; absent: as the settings say. */
  readonly quietMinutes?: number
  /** It belongs to an ordinary day: where nobody has set up a channel, it is no fault that nobody is sent it. */
  readonly routine?: true
}

const day = 24 * 60

/** Every kind of alert. */
export const alertKinds = {
  'auth-failures': {
    severity: 'high',
    label: 'failed log-ins',
    summary: 'Log-ins to one account keep failing.',
    advice: 'Ask the person whether it was them; if not, end their sessions and have them change the password.',
    facts: { failures: 'sent', windowSeconds: 'sent' },
  },
  'break-glass-created': {
    severity: 'critical',
    label: 'emergency access activated',
    summary: 'Emergency access was activated.',
    advice: 'Read what was asked for and who approved it; revoke the emergency session if it is not right.',
    facts: {
      request: 'sent',
      requester: 'sent',
      incident: 'sent',
      severity: 'sent',
      workspace: 'sent',
      environment: 'sent',
      expiresAt: 'sent',
    },
    quietMinutes: 0,
  },
  'break-glass-requested': {
    severity: 'high',
    label: 'emergency access requested',
    summary: 'Emergency access was requested.',
    advice: 'Approvers: read the request and approve or deny it; it expires after an hour.',
    facts: { request: 'sent', requester: 'sent', severity: 'sent', workspace: 'sent', environment: 'sent' },
    quietMinutes: 0,
  },
  'break-glass-drill': {
    severity: 'low',
    label: 'emergency drill',
    summary: 'Drill, no emergency: emergency access is rehearsed.',
    advice: 'Approvers: read the request and approve or deny it as if it were real; no access comes of it.',
    facts: { request: 'sent', requester: 'sent', workspace: 'sent', environment: 'sent' },
    quietMinutes: 0,
  },
  'break-glass-third-in-day': {
    severity: 'high',
    label: 'third emergency in a day',
    summary: 'One person activated emergency access for the third time within 24 hours.',
    advice: 'Talk to them: either their daily access is too narrow, or somebody else is using their account.',
    facts: { requester: 'sent', sessions: 'sent' },
    quietMinutes: day,
  },
  'break-glass-unreviewed': {
    severity: 'high',
    label: 'emergency session not reviewed',
    summary: 'An emergency session has not been reviewed within 48 hours.',
    advice: 'Review it; until then its requester activates emergency access at critical severity only.',
    facts: { session: 'sent', requester: 'sent', dueAt: 'sent' },
    quietMinutes: 0, // the session's row says when it was last told, so that it is once a day
  },
  'break-glass-too-few-approvers': {
    severity: 'critical',
    label: 'too few approvers',
    summary: 'Too few people can approve emergency access.',
    advice: 'Give people of two teams a role that may approve, with a second factor each.',
    facts: { people: 'sent', teams: 'sent', missing: 'sent' },
    quietMinutes: day,
  },
  'break-glass-closed': {
    severity: 'critical',
    label: 'no way to emergency access',
    summary: 'The policies leave nobody a way to emergency access.',
    advice: 'Publish policies that let people of two teams approve it; `gatehouse policy explain` says which forbids.',
    facts: { environment: 'sent', at: 'sent', missing: 'sent' },
    quietMinutes: day,
  },
  'break-glass-undelivered': {
    severity: 'critical',
    label: 'emergency alert not delivered',
    summary: 'No channel took the alert about emergency access.',
    advice: 'Tell the people in charge yourself, then repair the channels.',
    facts: { request: 'sent', alert: 'sent' },
    quietMinutes: 0,
  },
  'emergency-session-ended': {
    severity: 'medium',
    label: 'emergency session ended',
    summary: 'An emergency session ended.',
    advice: 'Review it within 48 hours.',
    facts: { session: 'sent', requester: 'sent', reason: 'sent' },
    quietMinutes: 0,
  },
  'incident-severe': {
    severity: 'critical',
    label: 'severe incident',
    summary: 'A severe incident was opened or became severe.',
    advice: 'Take it or give it an owner; its response clock is running.',
    facts: { incident: 'sent', severity: 'sent', title: 'kept', owner: 'sent', respondBy: 'sent' },
    quietMinutes: 0,
  },
  'incident-clock': {
    severity: 'high',
    label: 'incident deadline',
    summary: 'A clock of an incident is about to run out, or has.',
    advice: 'Open the incident and do what the clock is about.',
    facts: { incident: 'sent', clock: 'sent', title: 'kept', dueAt: 'sent' },
    quietMinutes: 0,
  },
  'revocation-spike': {
    severity: 'high',
    label: 'many revocations',
    summary: 'Far more tokens, sessions or leases were revoked than usual.',
    advice: 'See in the audit log who revoked what: a clean-up, or somebody who locks others out.',
    facts: { revocations: 'sent', windowSeconds: 'sent' },
  },
  'kms-error': {
    severity: 'critical',
    label: 'key encryption key failed',
    summary: 'The key encryption key could not be used.',
    advice: 'Look at the key service and its file; without it nothing that was sealed can be opened.',
    facts: { use: 'sent', kek: 'sent', error: 'kept' },
  },
  'audit-export-failed': {
    severity: 'high',
    label: 'audit sink failing',
    summary: 'The audit log does not reach a place that it is sent to.',
    advice: 'See `gatehouse audit-sink list` and repair the sink; nothing is lost meanwhile.',
    facts: { sink: 'sent', error: 'kept' },
  },
  'audit-ledger-failed': {
    severity: 'high',
    label: 'audit ledger not written',
    summary: 'An erasure or a legal hold could not be written down outside of the database.',
    advice:
      'See the log for the file; it is written again within the hour and at the next start. Until then a restored ' +
      'backup would not know of it.',
    facts: { ledger: 'sent', error: 'kept' },
  },
  'audit-witness-failing': {
    severity: 'medium',
    label: 'witness not co-signing',
    summary: 'A witness does not co-sign the audit log.',
    advice: 'See `gatehouse audit checkpoint`, and whether the witness can be reached.',
    facts: { witness: 'sent', error: 'kept' },
  },
  'audit-witness-refuted': {
    severity: 'critical',
    label: 'witness disagrees',
    summary: 'A witness has seen another audit log than this one: it was rolled back, or rewritten.',
    advice: 'Keep the database as it is, and follow the runbook for a refuted audit log.',
    facts: { witness: 'sent' },
    quietMinutes: day,
  },
  'refresh-token-reused': {
    severity: 'high',
    label: 'refresh token used twice',
    summary: 'A refresh token was used twice; its session was ended.',
    advice: 'Somebody may have copied it: ask the person, and look at where the session was used from.',
    facts: { user: 'kept' },
  },
  'webauthn-backup-changed': {
    severity: 'medium',
    label: 'passkey sync changed',
    summary: 'A passkey is synced to other devices and was not when it was registered, or the other way round.',
    advice: 'Ask its owner; it proves nothing until it is registered again.',
    facts: { user: 'kept', backupEligible: 'sent' },
  },
  'webauthn-counter-rollback': {
    severity: 'high',
    label: 'security key counter went back',
    summary: "A security key's counter went back, as a copy of it would.",
    advice: 'The key is disabled: ask its owner, and have them register another.',
    facts: { user: 'kept', stored: 'sent', received: 'sent' },
  },
  'policy-error': {
    severity: 'high',
    label: 'policy failed',
    summary: 'A policy could not be evaluated; the call was denied.',
    advice: 'See the errors in the alert and mend the policy.',
    facts: { action: 'sent', resourceType: 'sent', version: 'sent', node: 'sent', errors: 'kept' },
  },
  'policy-record-failed': {
    severity: 'medium',
    label: 'policy version not recorded',
    summary: 'A node could not record which policies it decides by.',
    advice: 'Look at the database and the log of that node.',
    facts: { node: 'sent', waiting: 'sent', error: 'kept' },
  },
  'policy-reload-refused': {
    severity: 'high',
    label: 'policy set refused',
    summary: 'A new policy set was refused; the old one stays in force.',
    advice: 'The policy status says what is wrong: fix the files.',
    facts: { node: 'sent', problems: 'kept' },
  },
  'lease-irrevocable': {
    severity: 'critical',
    label: 'irrevocable lease',
    summary: 'A credential could not be revoked; a person is needed.',
    advice: 'Remove it by hand where it was created, then revoke the lease again.',
    facts: { role: 'kept', backend: 'sent', attempts: 'sent' },
  },
  'lease-revocation-failed': {
    severity: 'medium',
    label: 'revocation failed',
    summary: 'A credential could not be taken away yet; it is tried again.',
    advice: 'See whether its host or backend answers.',
    facts: { role: 'kept', backend: 'sent', attempts: 'sent' },
  },
  'lease-expiring': {
    severity: 'low',
    label: 'lease ends soon',
    summary: 'A lease ends soon.',
    advice: 'Who needs its credential longer renews it, or asks for another: `gatehouse lease expiring`.',
    facts: { role: 'kept', backend: 'sent', expiresAt: 'sent', renewableUntil: 'sent' },
    routine: true,
  },
  'leases-expiring': {
    severity: 'low',
    label: 'many leases end soon',
    summary: 'Many leases end soon; not each of them is told of.',
    advice: 'See them with `gatehouse lease expiring`, and what has issued so many at once.',
    facts: { leases: 'sent', withinMinutes: 'sent' },
    routine: true,
  },
  'lease-wrap-misused': {
    severity: 'high',
    label: 'wrap token misused',
    summary: 'The token of a wrapped credential was brought a second time, or for another credential than its own.',
    advice: 'Ask whoever was to open it whether they did; if not, somebody else has the credential: revoke the lease.',
    facts: { what: 'sent', backend: 'sent', role: 'kept', openedAt: 'sent' },
  },
  'alert-undelivered': {
    severity: 'high',
    label: 'alert not delivered',
    summary: 'No channel took an alert.',
    advice: 'See `gatehouse alert list` and `gatehouse alert-channel list`; add a channel or repair one.',
    facts: { alert: 'sent', kind: 'sent', channels: 'sent' },
  },
} as const satisfies Record<string, AlertKindData>

export type AlertKind = keyof typeof alertKinds

/** The kinds in the order of their declaration. */
export const alertKindNames = Object.keys(alertKinds) as readonly AlertKind[] // the keys are the kinds by construction

/** What people call a kind of alert; what is no kind stays as it is. */
export const alertKindText = (kind: string): string => (isAlertKind(kind) ? alertKinds[kind].label : kind)

const isAlertKind = (text: string): text is AlertKind => Object.hasOwn(alertKinds, text)

/** The facts that an alert of a kind may carry; one that is left out or null is not known. */
export type AlertFacts<K extends AlertKind> = {
  readonly [F in keyof (typeof alertKinds)[K]['facts']]?: string | number | boolean | null
}
