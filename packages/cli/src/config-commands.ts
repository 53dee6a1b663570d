import { command, type Command } from './command.ts'
import { flag, type Flag } from './flag.ts'

const fileFlag = flag('file', 'a YAML, JSON, ENV or INI file; any other is taken as it is', { required: true })
const typeFlag = flag('type', 'what the file is, where its name does not say it', {
  kind: 'choice',
  choices: ['yaml', 'json', 'dotenv', 'ini', 'binary'],
})
const keyFlags: readonly Flag[] = [
  flag('age', 'age recipients; default: SOPS_AGE_RECIPIENTS and SOPS_KMS_ARN, else what .sops.yaml says', {
    kind: 'list',
  }),
  flag('aws', 'keys of AWS KMS: arn:aws:kms:REGION:ACCOUNT:key/ID, or …+arn:aws:iam::ACCOUNT:role/NAME', {
    kind: 'list',
  }),
  flag('vault', 'keys of a transit engine: https://HOST/v1/transit/keys/NAME', { kind: 'list' }),
]
const dryRunFlag = flag('dry-run', 'say what would be done, and do nothing', { kind: 'boolean', field: 'dryRun' })
const pathFlag = flag('path', 'where in the file: db.hosts[0], or ["db"]["hosts"][0] as sops has it', {
  required: true,
})

/** Encrypted configuration files, as stock sops has them; no server is asked. */
export const configCommands: readonly Command[] = [
  command('config encrypt', 'Encrypt a configuration file for its recipients; the values, not the keys.', {
    flags: [
      fileFlag,
      ...keyFlags,
      flag('encryption-context', 'what keys of AWS KMS are told, and have to be told to decrypt: NAME:VALUE', {
        kind: 'list',
        field: 'encryptionContext',
      }),
      flag('in-place', 'put the encrypted file in the place of the one in clear', {
        kind: 'boolean',
        field: 'inPlace',
      }),
      flag('output', 'write to this file; default: standard output', { field: 'output' }),
      typeFlag,
    ],
    positionals: ['file'],
    examples: [
      'secrets.yaml --in-place',
      'secrets.yaml --age age1… --output secrets.enc.yaml',
      '.env --type dotenv --in-place',
    ],
    run: async (cli, args) => (await import('./run-config-encryption.ts')).runConfigEncrypt(cli, args),
  }),
  command('config decrypt', 'Print a configuration file in clear, on standard output and nowhere else.', {
    flags: [fileFlag, typeFlag],
    positionals: ['file'],
    examples: ['secrets.yaml', 'secrets.yaml | yq .db.host', 'backup.enc --type json'],
    run: async (cli, args) => (await import('./run-config-encryption.ts')).runConfigDecrypt(cli, args),
  }),
  command(
    'config edit',
    'Edit an encrypted file in your editor, in memory; what you leave alone keeps its ciphertext.',
    {
      aliases: ['config edit-secure'],
      flags: [fileFlag, typeFlag],
      positionals: ['file'],
      examples: ['secrets.yaml', '.env.prod --type dotenv', 'config.json'],
      run: async (cli, args) => (await import('./run-config-edit.ts')).runConfigEdit(cli, args),
    },
  ),
  command('config set', 'Change one value of an encrypted file.', {
    flags: [
      fileFlag,
      pathFlag,
      flag('value', 'JSON where it is that, else text'),
      flag('text', 'take the value as text, whatever it looks like', { kind: 'boolean' }),
      flag('value-stdin', 'read the value from standard input', { kind: 'boolean', field: 'valueStdin' }),
      flag('remove', 'take the value out instead', { kind: 'boolean' }),
      typeFlag,
    ],
    positionals: ['file', 'path', 'value'],
    examples: [
      'secrets.yaml db.port 5432',
      'secrets.yaml db.password --value-stdin < password.txt',
      'secrets.yaml \'["a.b"][0]\' --remove',
    ],
    run: async (cli, args) => (await import('./run-config-values.ts')).runConfigSet(cli, args),
  }),
  command('config extract', 'Print one value of an encrypted file.', {
    flags: [fileFlag, pathFlag, typeFlag],
    positionals: ['file', 'path'],
    examples: ['secrets.yaml db.password', 'secrets.yaml \'["db"]["hosts"][0]\'', 'config.json tls'],
    run: async (cli, args) => (await import('./run-config-values.ts')).runConfigExtract(cli, args),
  }),
  command('config is-encrypted', 'Say whether a file is encrypted. Exit 1 when it is not.', {
    flags: [fileFlag, typeFlag],
    positionals: ['file'],
    examples: ['secrets.yaml', 'secrets.yaml --json', 'secrets.yaml && git add secrets.yaml'],
    run: async (cli, args) => (await import('./run-config-facts.ts')).runConfigIsEncrypted(cli, args),
  }),
  command('config info', 'Say for whom a file is encrypted, what of it, and when; needs no key.', {
    aliases: ['config encryption-info'],
    flags: [fileFlag, typeFlag],
    positionals: ['file'],
    examples: ['secrets.yaml', 'secrets.yaml --json', '.env --type dotenv'],
    run: async (cli, args) => (await import('./run-config-facts.ts')).runConfigInfo(cli, args),
  }),
  command('config rotate', 'Encrypt a file under a new data key, for the same recipients.', {
    aliases: ['config rotate-keys'],
    flags: [fileFlag, typeFlag],
    positionals: ['file'],
    examples: ['secrets.yaml', 'secrets.yaml --json', 'config.json --quiet'],
    run: async (cli, args) => (await import('./run-config-keys.ts')).runConfigRotate(cli, args),
  }),
  command(
    'config update-keys',
    'Bring the recipients of a file, or of all files of a directory, to what .sops.yaml says.',
    {
      flags: [
        flag('file', 'a file, or a directory with all that lies in it', { required: true, field: 'file' }),
        dryRunFlag,
      ],
      positionals: ['file'],
      examples: ['. --dry-run', 'config/', 'secrets.yaml --json'],
      run: async (cli, args) => (await import('./run-config-keys.ts')).runConfigUpdateKeys(cli, args),
    },
  ),
  command(
    'config encrypt-all',
    'Encrypt every file of a directory that .sops.yaml has a rule for and that is in clear.',
    {
      flags: [flag('directory', 'where to look', { required: true }), dryRunFlag],
      positionals: ['directory'],
      examples: ['. --dry-run', 'config/', 'config/ --json'],
      run: async (cli, args) => (await import('./run-config-keys.ts')).runConfigEncryptAll(cli, args),
    },
  ),
  command(
    'config validate',
    'Check encrypted files against .sops.yaml: recipients, selectors, files left in clear. Exit 1 on a finding.',
    {
      aliases: ['config validate-encryption'],
      flags: [flag('file', 'a file, or a directory with all that lies in it', { required: true })],
      positionals: ['file'],
      examples: ['.', 'secrets.yaml', '. --json'],
      run: async (cli, args) => (await import('./run-config-facts.ts')).runConfigValidate(cli, args),
    },
  ),
  command('config exec-env', 'Run a command with the values of an encrypted file in its environment.', {
    flags: [fileFlag, flag('pristine', 'give it nothing of this environment', { kind: 'boolean' }), typeFlag],
    positionals: ['file'],
    rest: 'COMMAND…',
    examples: ['.env -- npm start', 'prod.env --pristine -- /usr/bin/env', 'prod.yaml -- psql'],
    run: async (cli, args) => (await import('./run-config-exec.ts')).runConfigExecEnv(cli, args),
  }),
  command('config exec-file', 'Run a command that reads an encrypted file in clear, by a pipe that `{}` stands for.', {
    flags: [fileFlag, typeFlag],
    positionals: ['file'],
    rest: 'COMMAND {}',
    examples: [
      'secrets.yaml -- helm upgrade app ./chart -f {}',
      'key.pem -- ssh-add {}',
      'config.json -- app --config {}',
    ],
    run: async (cli, args) => (await import('./run-config-exec.ts')).runConfigExecFile(cli, args),
  }),
  command('config merge', "Merge two versions of an encrypted file by their values; git's merge driver.", {
    flags: [
      flag('base', 'what both began with: %O', { required: true }),
      flag('ours', 'our version, into which theirs goes: %A', { required: true }),
      flag('theirs', 'their version: %B', { required: true }),
      flag('name', 'the path in the repository, which tells the format: %P'),
      typeFlag,
    ],
    positionals: ['base', 'ours', 'theirs', 'name'],
    examples: ['%O %A %B %P', 'base.yaml ours.yaml theirs.yaml secrets.yaml', 'base ours theirs --type json'],
    run: async (cli, args) => (await import('./run-config-merge.ts')).runConfigMerge(cli, args),
  }),
  command(
    'config scan',
    'Find secrets in clear in a tree, in what is staged or in a range of commits. Exit 1 when there are some.',
    {
      aliases: ['config scan-sensitive'],
      flags: [
        flag('directory', 'where to look; with --staged or --range: all of the repository below here'),
        flag('staged', 'what the next commit would bring', { kind: 'boolean' }),
        flag('range', 'what the commits A..B brought, also what a later one took away'),
        flag('allow', 'a file of lines `path` or `path:rule` that are no findings'),
        flag('sarif', 'findings in SARIF, for code hosts', { kind: 'boolean' }),
      ],
      positionals: ['directory'],
      examples: ['. --json', '--staged', '--range origin/main..HEAD --sarif --allow scan-allow.txt'],
      run: async (cli, args) => (await import('./run-config-scan.ts')).runConfigScan(cli, args),
    },
  ),
  command('config init-encryption', 'Begin: write .sops.yaml, and make an age key where there is none.', {
    flags: [
      flag('kms', 'what wraps the data keys', {
        kind: 'choice',
        choices: ['age', 'vault', 'aws', 'cosmian'],
        defaultText: 'age',
      }),
      ...keyFlags,
      flag('path-regex', 'which files the rule is for', {
        field: 'pathRegex',
        defaultText: String.raw`\.(ya?ml|json|env|ini)$`,
      }),
      flag('encrypted-regex', 'the keys whose values are encrypted; default: all', { field: 'encryptedRegex' }),
    ],
    examples: [
      '',
      '--kms aws --aws arn:aws:kms:eu-north-1:123456789012:key/…',
      '--kms vault --vault https://gatehouse.example.org/v1/transit/keys/config',
    ],
    run: async (cli, args) => (await import('./run-config-init.ts')).runConfigInit(cli, args),
  }),
]
