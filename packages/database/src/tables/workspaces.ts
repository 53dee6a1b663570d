import type { Generated } from 'kysely'

/** A stage on the way to production. There are three, made by the migration; people change what each asks for. */
export interface EnvironmentTable {
  id: string
  tier: 'development' | 'staging' | 'production'
  requires_mfa: boolean
  requires_approval: boolean
  time_zone: string
  /** Networks that count as one's own, as CIDR; none: every address does. */
  networks: string[]
  updated_at: Date | null
  updated_by: string | null
}
export interface WorkspaceTable {
  id: string
  name: string
  environment: Generated<string>
  created_at: Generated<Date>
  archived_at: Date | null
}
export interface WorkspaceTeamTable {
  workspace_id: string
  team_id: string
}
/** When people work in a workspace. One that has no row goes by its environment's time zone and common hours. */
export interface WorkspaceCalendarTable {
  workspace_id: string
  /** Null: the environment's. */
  time_zone: string | null
  business_hours: string[]
  /** Dates there, as `2026-12-24`. */
  holidays: string[]
  updated_at: Date
  updated_by: string | null
}
/** Who can be called at night, from when to when. */
export interface OnCallShiftTable {
  id: string
  workspace_id: string
  user_id: string
  starts_at: Date
  ends_at: Date
}
