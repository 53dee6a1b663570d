import type { Config } from '@gatehouse/config'
import { migrateCommand } from './migrate.ts'
import { seedCommand } from './seed.ts'

/** `migrate` and then `seed`, in one process: each start of a development stack does both. */
export async function prepareCommand(config: Config, { empty }: { readonly empty: boolean }): Promise<void> {
  await migrateCommand(config)
  await seedCommand(config, { empty })
}
