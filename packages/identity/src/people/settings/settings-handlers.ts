import { Refusal, roles, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Handler, Handlers } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser } from '../../shared/identifiers.ts'
import { notificationList, notificationMarkRead } from '../../notices/notice-handlers.ts'
import { selectUsernameOf } from '../../directory/user.queries.ts'
import { holdSetting, selectSetting, upsertSetting, type SettingRow } from '../../settings/setting.queries.ts'
import { changedSettings, movedSettings, settingsProblems } from './settings-change.ts'
import { settingsFrom, storedSettings } from '../../settings/settings-in-force.ts'

type Names = 'settings.get' | 'settings.update' | 'notification.list' | 'notification.markRead'

/** What is set for all, and what each person is told. */
export const settingsHandlers = (deps: HandlerDeps): Pick<Handlers, Names> => ({
  'settings.get': settingsGet(deps),
  'settings.update': settingsUpdate(deps),
  'notification.list': notificationList(deps),
  'notification.markRead': notificationMarkRead(deps),
})

/** Everything that is set, total over the roles: defaults and what the settings file demands are in it. */
const settingsGet =
  (deps: HandlerDeps): Handler<'settings.get'> =>
  async () =>
    describe(deps, deps.db, await selectSetting(deps.db))

/** Changes what is named. This node goes by it at once, the others within a second. */
const settingsUpdate =
  (deps: HandlerDeps): Handler<'settings.update'> =>
  async (permit) => {
    const fields = settingsProblems(permit.input)
    if (fields.length > 0) throw new Refusal('invalid-input', { fields })
    const { row } = await deps.change(
      permit,
      async (tx) => {
        const old = storedSettings(await holdSetting(tx))
        const fresh = changedSettings(old, permit.input)
        const written: SettingRow = {
          value: JSON.stringify(fresh),
          updated_at: deps.clock.now(),
          updated_by: callingUser(permit).id,
        }
        await upsertSetting(tx, written)
        return { row: written, moved: movedSettings(settingsFrom(old, deps.config), settingsFrom(fresh, deps.config)) }
      },
      ({ moved }) => ({ detail: { moved } }),
    )
    await deps.settings.refresh()
    return describe(deps, deps.db, row)
  }

async function describe({ config }: HandlerDeps, db: Store, row: SettingRow | null): Promise<Output<'settings.get'>> {
  const settings = settingsFrom(storedSettings(row), config)
  const changedBy = row?.updated_by ?? null
  return {
    requiredRoles: [...settings.requiredRoles],
    authFailuresAlert: settings.authFailuresAlert,
    revocationSpikeAlert: settings.revocationSpikeAlert,
    alertQuietMinutes: settings.alertQuietMinutes,
    leaseExpiryAlertMinutes: settings.leaseExpiryAlertMinutes,
    roleLimits: roles.map((role) => ({ ...settings.limits[role], role })),
    authenticatorRules: roles.map((role) => ({
      ...settings.authenticatorRules[role],
      aaguids: [...settings.authenticatorRules[role].aaguids],
      role,
    })),
    updatedAt: row?.updated_at ?? null,
    updatedBy: changedBy === null ? null : await selectUsernameOf(db, changedBy),
  }
}
