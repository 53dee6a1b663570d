import { expect, test } from 'vitest'
import { isSecretAssignment, linesOf } from './secret-assignment.ts'

// Other scanners missed passwords for a character in them: gitleaks #1308, #1833 and #1958
test.each([
  'password: hunter2hunter',
  'password: "!Passw0rd99"',
  "DB_PASSWORD='$ecret-99'",
  'DB_PASSWORD=!Passw0rd99',
  'password = 3vkqtLrifry7PrehhRRMt%',
  'password: "#exFfrbtEpo&RaTkZ#%*zFgS"',
  'api_key: "{abc}9f8e7d"',
  'secret: "p(ss)w0rd9"',
  'client-secret: nonesuch-9f8e7d6c',
  'token: truegrit-9f8e7d6c',
  'token: nullify-9f8e7d6c',
  '"private_key": "*9f8e7d6c5b4a",',
  'export API_KEY=%9f8e7d6c5b4a',
  'password: hunter2hunter # of production',
  'token = "ghs-9f8e7d6c5b" // for tests',
  '- my.passwd: "9f8e#7d6c"',
])('%s gives a secret away', (line) => expect(isSecretAssignment(line, 'configuration')).toBe(true))

test.each([
  'password: ENC[AES256_GCM,data:abc,iv:abc,tag:abc,type:str]',
  'token: ${TOKEN}',
  'token: "$DEPLOY_TOKEN"',
  'token: $(cat /run/token)',
  'token: "{{ .Values.token }}"',
  'password: %(DB_PASSWORD)s',
  'set PASSWORD=%DB_PASSWORD%',
  'password: <your password>',
  'password: "<your-password>"',
  'password: *database',
  'password: ********',
  'password: "$2b$12$KIXtq5Yb0u8T1vG5nQ1m5e"',
  'password: !vault |',
  'secrets: [shop, payroll]',
  'token_ttl: 3600s',
  'token: null',
  'password: "changeme"',
  'password: example-password',
  'const token = readToken()',
  'password: # see the vault',
  'password: short',
  'passwords are kept elsewhere: hunter2hunter',
])('%s does not', (line) => expect(isSecretAssignment(line, 'configuration')).toBe(false))

test('in a program a type or a variable is no secret, and a text is', () => {
  expect(['a.ts', 'b.mjs', 'c.tsx', 'd.py', 'e.GO'].map(linesOf)).toEqual(Array(5).fill('program'))
  expect(['a.yaml', '.env', 'b.json', 'Makefile', 'c.sh', 'd.tf'].map(linesOf)).toEqual(Array(6).fill('configuration'))
  for (const line of ['  token: string,', 'secret: row.secret,', 'password = settings.password'])
    expect(isSecretAssignment(line, 'program'), line).toBe(false)
  expect(isSecretAssignment("  password: 'hunter2hunter',", 'program')).toBe(true)
})
