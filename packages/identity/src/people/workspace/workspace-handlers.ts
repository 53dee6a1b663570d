import type { HandlersOf } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { calendarGet, calendarSet } from './calendars.ts'
import { environmentList, environmentUpdate } from './environments.ts'
import { workspaceGet, workspaceList } from './workspace-read.ts'
import { workspaceArchive, workspaceCreate, workspaceUpdate } from './workspace-write.ts'

/** Where things belong, how near to production it is, and when people work there. */
export const workspaceHandlers = (deps: HandlerDeps): HandlersOf<'workspace' | 'environment' | 'calendar'> => ({
  'workspace.list': workspaceList(deps),
  'workspace.get': workspaceGet(deps),
  'workspace.create': workspaceCreate(deps),
  'workspace.update': workspaceUpdate(deps),
  'workspace.archive': workspaceArchive(deps),
  'environment.list': environmentList(deps),
  'environment.update': environmentUpdate(deps),
  'calendar.get': calendarGet(deps),
  'calendar.set': calendarSet(deps),
})
