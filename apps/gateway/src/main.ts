import { runMain } from '@gatehouse/compose/run-main'
import { ConfigError, shownConfig } from '@gatehouse/config'
import { readConfig } from './config.ts'

/** What this program does, by its first words. Each is loaded when it is wanted: `migrate` needs no policy engine. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  serve: async () => (await import('./commands/serve.ts')).serveCommand(await readConfig()),
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand(await readConfig()),
  seed: async (args) =>
    (await import('./commands/seed.ts')).seedCommand(await readConfig(), { empty: args.includes('--empty') }),
  prepare: async (args) =>
    (await import('./commands/prepare.ts')).prepareCommand(await readConfig(), { empty: args.includes('--empty') }),
  'server-config show': async () =>
    void process.stdout.write(`${JSON.stringify(shownConfig(await readConfig()), null, 2)}\n`),
  'admin init': async (args) => (await import('./commands/admin.ts')).adminInitCommand(await readConfig(), args),
  'admin calibrate': async (args) => (await import('./commands/calibrate.ts')).calibrateCommand(args),
  'kms change-backend': async (args) =>
    (await import('./commands/change-backend.ts')).changeBackendCommand(await readConfig(), args),
  'admin recover': async (args) => (await import('./commands/admin.ts')).adminRecoverCommand(await readConfig(), args),
}

await runMain('gateway', async () => {
  const args = process.argv.slice(2)
  const words = args.filter((arg) => !arg.startsWith('-'))
  const name = [words.slice(0, 2).join(' '), words[0] ?? 'serve'].find((candidate) =>
    Object.hasOwn(commands, candidate),
  )
  const command = name === undefined ? undefined : commands[name]
  if (command === undefined)
    throw new ConfigError(`there is no command \`${args.join(' ')}\`; there are: ${Object.keys(commands).join(', ')}`)
  await command(args)
})
