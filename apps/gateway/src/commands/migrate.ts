import { ConfigError, type Config } from '@gatehouse/config'
import { migrate } from '@gatehouse/database'

/** Brings the database to today's shape, as its owner. */
export async function migrateCommand({ runtime }: Config): Promise<void> {
  if (runtime.databaseUrl === null || runtime.databaseAdminUrl === null)
    throw new ConfigError('DATABASE_URL and DATABASE_ADMIN_URL: both are needed to migrate')
  await migrate(runtime.databaseAdminUrl.expose(), runtime.databaseUrl.expose())
}
