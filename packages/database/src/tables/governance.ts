import type { Generated } from 'kysely'

/** One row: what administrators have set, as JSON; what is not in it is as the settings file has it. */
export interface SettingTable {
  id: number
  value: string
  updated_at: Date
  updated_by: string | null
}
/**
 * What happened to a person's account. `mail_claimed_at`: a process is about to send it; `mail_due_at`: not to be tried
 * before.
 */
export interface NotificationTable {
  id: string
  user_id: string
  kind: string
  text: string
  created_at: Date
  read_at: Date | null
  mail_claimed_at: Date | null
  mailed_at: Date | null
  mail_attempts: Generated<number>
  mail_due_at: Date | null
}
