import type { Output } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId } from '../../shared/identifiers.ts'
import { countBackupCodes, type BackupCodeCount } from './backup-code.queries.ts'

/** Says how many backup codes are left, never which. */
export const backupCodeStatus =
  ({ db }: HandlerDeps): Handler<'backupCode.status'> =>
  async (permit) =>
    describeCount(await countBackupCodes(db, resourceId(permit)))

/** A count as it leaves. */
export const describeCount = (count: BackupCodeCount): Output<'backupCode.status'> => ({
  confirmed: count.confirmed_at !== null,
  total: count.total,
  left: count.left,
  confirmedAt: count.confirmed_at,
})
