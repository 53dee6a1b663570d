import { operations } from '@gatehouse/contract'
import { command, type Command } from './command.ts'
import { flag, totpFlag, type Flag } from './flag.ts'

const contextFlag = flag('bind', 'what it is bound to, as name=value; it opens with the same only', { kind: 'list' })
const keyFlag = flag('key', 'name or id of the key', { required: true })
const locationFlag = flag('location', 'where you will keep it; whoever has to replace it reads this')
const fileFlag = flag('file', 'a file with it; left out or -: standard input')

const batchFlag = flag('batch', 'the file has an item on each line, as JSON; what came of each is printed so', {
  kind: 'boolean',
})

const outputFlags = (usual: string): readonly Flag[] => [
  flag('output', `where to; left out: ${usual}`),
  flag('force', 'replace a file that is there', { kind: 'boolean' }),
]

/** What is done under keys: plaintexts come from files and standard input, and never stand on a command line. */
export const keyCommands: readonly Command[] = [
  command('kms encrypt', operations['kms.encrypt'].summary, {
    covers: ['kms.encrypt'],
    flags: [keyFlag, fileFlag, contextFlag, locationFlag, batchFlag, totpFlag],
    positionals: ['key', 'file'],
    assurance: 'mfa',
    examples: [
      'shop-config password.txt --bind app=shop > password.enc',
      'shop-config --bind app=shop,use=login --location config/shop.yaml < password.txt',
      'shop-config password.txt --json',
      'shop-config items.jsonl --batch > sealed.jsonl',
    ],
    run: async (cli, args) => (await import('./run-kms.ts')).runEncrypt(cli, args),
  }),
  command('kms decrypt', operations['kms.decrypt'].summary, {
    covers: ['kms.decrypt'],
    flags: [fileFlag, contextFlag, batchFlag, totpFlag],
    positionals: ['file'],
    assurance: 'mfa',
    examples: ['password.enc --bind app=shop', '--bind app=shop < password.enc', 'items.jsonl --batch'],
    run: async (cli, args) => (await import('./run-kms.ts')).runDecrypt(cli, args),
  }),
  command('kms rewrap', operations['kms.rewrap'].summary, {
    covers: ['kms.rewrap'],
    flags: [fileFlag, contextFlag, batchFlag, totpFlag],
    positionals: ['file'],
    assurance: 'mfa',
    examples: ['password.enc --bind app=shop > password.new', '--bind app=shop < password.enc', 'items.jsonl --batch'],
    run: async (cli, args) => (await import('./run-kms.ts')).runRewrap(cli, args),
  }),
  command('kms generate-data-key', operations['kms.generateDataKey'].summary, {
    aliases: ['kms generate-key'],
    covers: ['kms.generateDataKey'],
    flags: [keyFlag, contextFlag, locationFlag, totpFlag],
    positionals: ['key'],
    assurance: 'mfa',
    examples: ['shop-backups --bind app=shop --json', 'shop-backups --location s3://backups/shop --json'],
    run: async (cli, args) => (await import('./run-kms.ts')).runDataKey(cli, args),
  }),
  command('kms encrypt-file', 'Encrypt a file of any length; it stays on this machine, only its key is sent', {
    flags: [
      keyFlag,
      flag('file', 'the file', { required: true }),
      ...outputFlags('FILE.enc'),
      contextFlag,
      flag('location', 'where you will keep it; left out: the name of the encrypted file'),
      totpFlag,
    ],
    positionals: ['key', 'file'],
    assurance: 'mfa',
    examples: ['backups dump.sql', 'backups dump.sql --output /mnt/backup/dump.sql.enc --bind host=db-1'],
    run: async (cli, args) => (await import('./run-encrypted-file.ts')).runEncryptFile(cli, args),
  }),
  command('kms decrypt-file', 'Decrypt a file that was encrypted so; nothing is written unless it is whole', {
    flags: [
      flag('file', 'the encrypted file', { required: true }),
      ...outputFlags('the name without .enc'),
      contextFlag,
      totpFlag,
    ],
    positionals: ['file'],
    assurance: 'mfa',
    examples: ['dump.sql.enc', 'dump.sql.enc --output /tmp/dump.sql --bind host=db-1'],
    run: async (cli, args) => (await import('./run-encrypted-file.ts')).runDecryptFile(cli, args),
  }),
]
