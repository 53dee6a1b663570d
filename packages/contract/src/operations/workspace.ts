import { z } from 'zod'
import { systemId } from '../entities.ts'
import { operation } from '../operation.ts'
import { page, type Cursor } from '../page.ts'
import { TeamReference, WorkspaceName, WorkspaceReference } from '../names.ts'
import { pageInput, Reason } from '../scalars.ts'
import {
  BusinessHoursInput,
  Calendar,
  Environment,
  EnvironmentName,
  HolidaysInput,
  NetworksInput,
  OnCallInput,
  TimeZone,
  TimeZoneOrNone,
  Workspace,
  WorkspaceTier,
} from '../workspace-outputs.ts'

const created = (item: { createdAt: Date; id: string }): readonly [Cursor['at'], string] => [item.createdAt, item.id]
const onSystem = { principals: ['User'], resource: 'System', id: () => systemId } as const
const onWorkspace = { principals: ['User'], resource: 'Workspace', id: (input: { id: string }) => input.id } as const

/** Teams that see one workspace. */
const teamsMax = 100

/** Where things belong, how near to production it is, and when people work there. */
export const workspaceOperations = [
  operation({
    name: 'workspace.list',
    kind: 'query',
    summary: 'Workspaces that you may see.',
    input: z.object({ ...pageInput }),
    output: page(Workspace, 'WorkspacePage'),
    list: { cursor: created },
    authorize: { principals: ['User'], resource: 'Workspace' },
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { columns: ['name', 'environment', 'tier', 'timeZone', 'teams', 'id'], examples: ['', '--json'] },
  }),
  operation({
    name: 'workspace.get',
    kind: 'query',
    summary: 'One workspace.',
    input: z.object({ id: WorkspaceReference }),
    output: Workspace,
    authorize: onWorkspace,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['default'] },
  }),
  operation({
    name: 'workspace.create',
    kind: 'mutation',
    summary: 'Create a workspace in an environment, for the teams that shall see it.',
    input: z.object({
      name: WorkspaceName,
      environment: EnvironmentName.default('development'),
      teams: z.array(TeamReference).max(teamsMax).default([]),
    }),
    output: Workspace,
    authorize: onSystem,
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'name', examples: ['shop --environment production --teams sre,developers'] },
  }),
  operation({
    name: 'workspace.update',
    kind: 'mutation',
    summary: "Change a workspace's name, the teams that see it, or the environment that it stands in.",
    input: z.object({
      id: WorkspaceReference,
      name: WorkspaceName.optional(),
      teams: z.array(TeamReference).max(teamsMax).optional(),
      environment: EnvironmentName.optional(),
    }),
    output: Workspace,
    authorize: {
      ...onWorkspace,
      contextTypes: { changesReach: 'Bool' },
      context: ({ teams, environment }: { teams?: unknown; environment?: unknown }) => ({
        changesReach: teams !== undefined || environment !== undefined,
      }),
    },
    assurance: 'mfa',
    groups: ['writeActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['shop --teams sre', 'shop --name web-shop'] },
  }),
  operation({
    name: 'workspace.archive',
    kind: 'mutation',
    summary: 'Archive a workspace in which nothing lives any more; what happened in it stays in the audit log.',
    input: z.object({ id: WorkspaceReference, reason: Reason }),
    output: z.object({ id: z.string(), archived: z.boolean() }).meta({ id: 'WorkspaceArchived' }),
    authorize: onWorkspace,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['shop --reason "moved to web-shop"'] },
  }),
  operation({
    name: 'environment.list',
    kind: 'query',
    summary: 'The three environments: their tier, what they ask for, their time zone.',
    input: z.object({}),
    output: z.object({ environments: z.array(Environment) }).meta({ id: 'EnvironmentList' }),
    authorize: onSystem,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      columns: ['id', 'tier', 'requiresMfa', 'requiresApproval', 'timeZone', 'networks', 'workspaces'],
      examples: ['', '--json'],
    },
  }),
  operation({
    name: 'environment.update',
    kind: 'mutation',
    summary: 'Change what an environment asks for: tier, second factor, approval, time zone, networks.',
    input: z.object({
      id: EnvironmentName,
      tier: WorkspaceTier.optional(),
      requiresMfa: z.boolean().optional(),
      requiresApproval: z.boolean().optional(),
      timeZone: TimeZone.optional(),
      networks: NetworksInput.optional(),
    }),
    output: Environment,
    authorize: {
      principals: ['User'],
      resource: 'Environment',
      id: (input) => input.id,
      contextTypes: { tier: 'String' },
      context: ({ tier }) => ({ tier: tier ?? '' }),
    },
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions', 'metaPolicyActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      examples: ['production --time-zone Europe/Helsinki', 'staging --tier production --requires-approval'],
    },
  }),
  operation({
    name: 'calendar.get',
    kind: 'query',
    summary: 'When people work in a workspace: hours, holidays, who is on call, and how it stands now.',
    input: z.object({ id: WorkspaceReference }),
    output: Calendar,
    authorize: onWorkspace,
    assurance: 'pw',
    groups: ['readActions'],
    audit: { omit: [] },
    refusals: [],
    command: { positional: 'id', examples: ['default'] },
  }),
  operation({
    name: 'calendar.set',
    kind: 'mutation',
    summary: 'Set when people work in a workspace; what is not named stays.',
    input: z.object({
      id: WorkspaceReference,
      timeZone: TimeZoneOrNone.optional(),
      businessHours: BusinessHoursInput.optional(),
      holidays: HolidaysInput.optional(),
      onCall: OnCallInput.optional(),
    }),
    output: Calendar,
    authorize: onWorkspace,
    assurance: 'su',
    groups: ['writeActions', 'sensitiveActions', 'metaPolicyActions'],
    audit: { omit: [] },
    refusals: [],
    command: {
      positional: 'id',
      examples: [
        'default --time-zone Europe/Helsinki --business-hours "mon-fri 08:00-18:00"',
        'default --holidays 2026-12-24,2026-12-25',
        'default --on-call @shifts.json',
      ],
    },
  }),
] as const
