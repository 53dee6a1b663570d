import { ConfigError, shownConfig } from '@gatehouse/config'
import { adminInitCommand, adminRecoverCommand } from './commands/admin.ts'
import { migrateCommand } from './commands/migrate.ts'
import { seedCommand } from './commands/seed.ts'
import { serveCommand } from './commands/serve.ts'
import { readConfig } from './config.ts'

const nodeMajorNeeded = 24

/** What this program does, by its first words. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  'serve': () => serveCommand(readConfig()),
  'migrate': () => migrateCommand(readConfig()),
  'seed': (args) => seedCommand(readConfig(), { empty: args.includes('--empty') }),
  'server-config show': () => Promise.resolve(process.stdout.write(`${JSON.stringify(shownConfig(readConfig()), null, 2)}\n`)).then(() => undefined),
  'admin init': (args) => adminInitCommand(readConfig(), args),
  'admin recover': (args) => adminRecoverCommand(readConfig(), args),
}

async function main(args: readonly string[]): Promise<void> {
  // older V8s can die under load in the policy engine's WebAssembly, uncatchably
  if (Number(process.versions.node.split('.')[0]) < nodeMajorNeeded) throw new ConfigError(`Node ${nodeMajorNeeded} is needed; this is ${process.versions.node}`)
  const words = args.filter((arg) => !arg.startsWith('-'))
  const name = [words.slice(0, 2).join(' '), words[0] ?? 'serve'].find((candidate) => Object.hasOwn(commands, candidate))
  const command = name === undefined ? undefined : commands[name]
  if (command === undefined) throw new ConfigError(`there is no command \`${args.join(' ')}\`; there are: ${Object.keys(commands).join(', ')}`)
  await command(args)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  const lines = [error instanceof Error ? error.message : String(error)]
  for (let cause = error instanceof Error ? error.cause : undefined; cause instanceof Error; cause = cause.cause) lines.push(`because: ${cause.message}`)
  process.stderr.write(`gateway: ${lines.join('\n  ')}\n`)
  process.exit(1)
}
