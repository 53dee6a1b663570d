import { invitationUrl } from '../../directory/invitation-token.ts'
import type { NoticeKind } from '../notice.queries.ts'
import type { ClaimedInvitation, ClaimedNotice } from './mail.queries.ts'
import type { Mail } from './mailer.ts'

/** What stands in the list of a mailbox. */
const subjects = {
  authenticatorAdded: 'an authenticator was added to your account',
  authenticatorRemoved: 'an authenticator was removed from your account',
  backupCodesReplaced: 'your backup codes were replaced',
  backupCodeUsed: 'one of your backup codes was used',
  mfaReset: 'your second factors were reset',
  passwordChanged: 'your password was changed',
  passwordReset: 'your password was reset',
  newSession: 'a new session of your account',
  apiTokenCreated: 'an API token was created for your account',
  apiTokenExpiring: 'an API token of yours expires soon',
  roleChanged: 'your roles have changed',
  approvalWanted: 'your approval is wanted',
  approvalDecided: 'your request was decided',
  credentialSuspect: 'one of your security keys looks suspect',
  credentialChanged: 'one of your passkeys has to be registered again',
  emergency: 'emergency access wants you to look',
} as const satisfies Record<NoticeKind, string>

/** A notice as a mail. Plain text: nothing in it is fetched, and no link asks for a password. */
export const noticeMail = (publicUrl: string, { id, to, username, kind, text }: ClaimedNotice): Mail => ({
  id,
  to,
  subject: `Gatehouse: ${subjects[kind]}`,
  text: `${text}\n\nThis concerns the account ${username} at ${publicUrl}. All notices: gatehouse notification list\n`,
})

/** An invitation as a mail, with the one link. */
export const invitationMail = (
  publicUrl: string,
  { id, to, username, expiresAt }: ClaimedInvitation,
  token: string,
): Mail => ({
  id,
  to,
  subject: 'Gatehouse: you are invited',
  text:
    `You are invited to Gatehouse at ${publicUrl}, as ${username}. Set your password ` +
    `here:\n\n${invitationUrl(publicUrl, token)}\n\nThe link is good once, until ${expiresAt.toUTCString()}. If you ` +
    `do not know what this is about, do nothing.\n`,
})
