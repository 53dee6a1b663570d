import type { ResourceType } from './entities.ts'

/** Facts that no caller asked for. They stand in the audit record beside operations, with their own names. */
export const events = {
  'lease.expired': { resource: 'Lease', summary: 'A lease came to its end and its credential stopped working.' },
  'lease.revoked': { resource: 'Lease', summary: 'A lease was ended before its time; its credential stopped working.' },
  'lease.revocationFailed': { resource: 'Lease', summary: 'A credential could not be taken away yet; it is retried.' },
  'lease.irrevocable': { resource: 'Lease', summary: 'A credential could not be revoked; a person is needed.' },
  'lease.proved': {
    resource: 'Lease',
    summary: 'A revoked credential was refused by whoever would have to take it: it is dead.',
  },
  'lease.unproved': {
    resource: 'Lease',
    summary: 'For a day nobody has refused a credential that was revoked; a person is needed.',
  },
  'lease.notProvable': {
    resource: 'Lease',
    summary: 'A credential was revoked, and nobody can be asked whether it is dead before its own end.',
  },
  'lease.forced': {
    resource: 'Lease',
    summary: 'A lease was ended although nobody said that its credential is gone; it may still work.',
  },
  'lease.endsSoon': { resource: 'Lease', summary: 'A lease ends soon; who needs its credential longer renews it.' },
  'lease.manyEndSoon': { resource: 'System', summary: 'Many leases end soon, and were told of together.' },
  'lease.wrapMisused': {
    resource: 'Lease',
    summary:
      'The token of a wrapped credential was brought a second time, or by whom another credential was meant for.',
  },
  'sshOtp.misused': {
    resource: 'Lease',
    summary: 'A good one-time password was shown at another host, for another account or from elsewhere; it is spent.',
  },
  'refreshToken.reused': {
    resource: 'Session',
    summary: 'A refresh token was used twice; its whole family was ended.',
  },
  'authenticator.suspected': {
    resource: 'Authenticator',
    summary: "A key's counter went back, as a copy of it would; it was disabled.",
  },
  'authenticator.backupChanged': {
    resource: 'Authenticator',
    summary: 'A passkey is synced to other devices and was not when it was registered, or no more; it proves nothing.',
  },
  'policy.reloaded': { resource: 'System', summary: 'A new policy set is in force on a node.' },
  'policy.reloadRefused': { resource: 'System', summary: 'A new policy set was refused; the old one stays.' },
  'policy.decided': {
    resource: 'System',
    summary: 'A decision that was asked for: whether somebody may do something, here or on the platform.',
  },
  'audit.exported': { resource: 'User', summary: 'An export of the audit log was read to its end.' },
  'auditSink.failing': { resource: 'System', summary: 'A sink of the audit log does not take it; it is tried again.' },
  'auditSink.recovered': { resource: 'System', summary: 'A sink of the audit log takes it again.' },
  'auditWitness.failing': {
    resource: 'System',
    summary: 'A witness does not co-sign the audit log; it is asked again.',
  },
  'auditWitness.recovered': { resource: 'System', summary: 'A witness co-signs the audit log again.' },
  'auditWitness.refuted': {
    resource: 'System',
    summary: 'A witness has seen another audit log than this one: it was rolled back, or rewritten.',
  },
  'alert.raised': { resource: 'System', summary: 'Something that a person has to look at was found.' },
  'alert.undelivered': { resource: 'System', summary: 'No channel took an alert.' },
  'alertChannel.failing': { resource: 'System', summary: 'A channel does not take alerts; they are sent again.' },
  'alertChannel.recovered': { resource: 'System', summary: 'A channel takes alerts again.' },
  'breakGlass.lapsed': { resource: 'BreakGlassRequest', summary: 'A request for emergency access ran out of time.' },
  'emergencySession.ended': {
    resource: 'EmergencySession',
    summary: 'An emergency session ended; its token and its credentials stopped working.',
  },
  'incident.opened': { resource: 'System', summary: 'An incident was opened by Gatehouse itself.' },
  'kmsKey.destroyed': {
    resource: 'KmsKey',
    summary: 'The material of a key was destroyed; what it encrypted is lost.',
  },
  'kmsKey.backendPassedOver': {
    resource: 'KmsKey',
    summary: 'A backend of a key did not answer, or did not open it; another opened it instead.',
  },
  'kmsKey.rotated': {
    resource: 'KmsKey',
    summary: 'A key was rotated because its period was over; older versions still decrypt.',
  },
  'kmsKey.versionsClosed': {
    resource: 'KmsKey',
    summary: 'Versions of a key that nothing has needed for a week were closed; what was not counted opens no more.',
  },
  'audit.intentClosed': { resource: 'AuditEntry', summary: 'An intent passed its deadline without an outcome.' },
  'audit.redacted': {
    resource: 'System',
    summary: 'Values in which an erased person was named were taken out of entries of others; it says which.',
  },
  'audit.erasureReplayed': {
    resource: 'System',
    summary: 'A person was erased again: the database had been restored from a backup of before.',
  },
  'audit.holdReplayed': {
    resource: 'System',
    summary: 'A legal hold was placed again: the database had been restored from a backup of before.',
  },
  'request.refused': {
    resource: 'System',
    summary: 'A request was refused before it came to an operation: not read, not admitted, or too many.',
  },
  'refusals.aggregated': {
    resource: 'System',
    summary: 'Refusals of unknown callers, counted per address, reason and minute.',
  },
  'reads.aggregated': {
    resource: 'Session',
    summary: "What a session's page asked again by itself, counted per operation and minute.",
  },
  'keyBackend.added': {
    resource: 'System',
    summary: "The data key was wrapped under one more key encryption key, on the server's machine.",
  },
  'keyBackend.left': {
    resource: 'System',
    summary: "A key encryption key was left: on the server's machine, what it had wrapped is taken away.",
  },
  'admin.initialised': { resource: 'User', summary: "The first administrator was made on the server's machine." },
  'admin.recovered': { resource: 'User', summary: "An administrator was let back in on the server's machine." },
} as const satisfies Record<string, { resource: ResourceType; summary: string }>

export type EventName = keyof typeof events

/** Events that say of a call what its caller said; all of it may say something of a person. */
export const eventsWithPersonalInput: ReadonlySet<string> = new Set<EventName>(['policy.decided'])
