import { printSchema } from 'graphql'
import { buildSchema } from '../../apps/gateway/src/transports/graphql-schema.ts'
import type { GeneratedFile } from './generated-file.ts'

/** The GraphQL schema as text: a change of the contract shows in review. */
export const graphqlFile = (): GeneratedFile => ({
  path: 'apps/gateway/schema.graphql',
  text:
    `# Generated from packages/contract by \`npm run generate\`. Do not edit: a check compares it.\n` +
    `${printSchema(buildSchema())}\n`,
})
