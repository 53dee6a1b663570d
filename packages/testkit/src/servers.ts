export { freePort } from './free-port.ts'
export { motoDirectory } from './moto.ts'
export { openBaoPath } from './openbao.ts'
export { ensureTool } from './pinned-tool.ts'
export type { PinnedTool, Say } from './pinned-tool.ts'
export {
  SUPERUSER,
  bySocket,
  clusterData,
  clusterProcesses,
  ensureDatabase,
  postgresCommand,
  prepareCluster,
  socketName,
  waitForPostgres,
  withConnection,
} from './postgres-cluster.ts'
export type { PostgresCluster, ServerCommand } from './postgres-cluster.ts'
export { nodeFlags } from './node-flags.ts'
export { builtPrograms, ensureProgramsBuilt } from './programs.ts'
export type { Programs } from './programs.ts'
export { endProcess, identifyProcess, isRunning, waitForEnd } from './process-identity.ts'
export type { ProcessIdentity, SignalPlan } from './process-identity.ts'
export { ServerSetupError } from './server-setup-error.ts'
export { sourceDigest } from './source-digest.ts'
export { temporalArguments, temporalPath, temporalTestServerPath } from './temporal-tools.ts'
export { startPostgres } from './postgres.ts'
export type { StartingPoint, TestDatabase, TestPostgres } from './postgres.ts'
export { testSeed } from './volume.ts'
