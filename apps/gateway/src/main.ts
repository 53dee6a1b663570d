import { runMain } from '@gatehouse/compose'
import { ConfigError, shownConfig } from '@gatehouse/config'
import { adminInitCommand, adminRecoverCommand } from './commands/admin.ts'
import { migrateCommand } from './commands/migrate.ts'
import { seedCommand } from './commands/seed.ts'
import { serveCommand } from './commands/serve.ts'
import { readConfig } from './config.ts'

/** What this program does, by its first words. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  'serve': () => serveCommand(readConfig()),
  'migrate': () => migrateCommand(readConfig()),
  'seed': (args) => seedCommand(readConfig(), { empty: args.includes('--empty') }),
  'server-config show': () => Promise.resolve(process.stdout.write(`${JSON.stringify(shownConfig(readConfig()), null, 2)}\n`)).then(() => undefined),
  'admin init': (args) => adminInitCommand(readConfig(), args),
  'admin recover': (args) => adminRecoverCommand(readConfig(), args),
}

await runMain('gateway', async () => {
  const args = process.argv.slice(2)
  const words = args.filter((arg) => !arg.startsWith('-'))
  const name = [words.slice(0, 2).join(' '), words[0] ?? 'serve'].find((candidate) => Object.hasOwn(commands, candidate))
  const command = name === undefined ? undefined : commands[name]
  if (command === undefined) throw new ConfigError(`there is no command \`${args.join(' ')}\`; there are: ${Object.keys(commands).join(', ')}`)
  await command(args)
})
