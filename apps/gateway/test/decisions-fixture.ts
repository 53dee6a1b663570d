import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Policies for the examples of AuthZEN: the shipped set, and beside it what another system adds for its own things. It
 * has types and actions of its own, and says of them what every thing on the platform says: where they stand.
 */
export async function policiesWithOtherSystems(): Promise<{
  readonly path: string
  /** Writes the policies that name people by their ids. */
  write(people: Readonly<Record<string, string>>): Promise<void>
  remove(): Promise<void>
}> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'gatehouse-decisions-')))
  await cp(resolve(import.meta.dirname, '../../../policies'), path, { recursive: true })
  await replace(join(path, 'schema/platform.cedarschema'), [
    ['"read", "list", "monitor" in [Action::"platformRead"]', '"read" in [Action::"platformRead"]'],
    [
      'action "create", "update", "delete" in [Action::"platformWrite"] appliesTo {\n  principal: [User, Service],\n' +
        '  resource: [Server, Taskserv, Cluster, Workflow, Secret],\n  context: PlatformRequest,',
      `action "create", "update" in [Action::"platformWrite"] appliesTo {
  principal: [User, Service],
  resource: [Server, Taskserv, Cluster, Workflow, Secret],
  context: PlatformRequest,
};

action "delete" in [Action::"platformWrite"] appliesTo {
  principal: [User, Service],
  resource: [Server, Taskserv, Cluster, Workflow, Secret, record],
  context: PlatformRequest,`,
    ],
    [
      'resource: [Server, Taskserv, Cluster, Workflow, Secret],\n  context: PlatformRequest,\n};\n\naction "create"',
      `resource: [Server, Taskserv, Cluster, Workflow, Secret, record],
  context: PlatformRequest,
};

action "list", "monitor" in [Action::"platformRead"] appliesTo {
  principal: [User, Service],
  resource: [Server, Taskserv, Cluster, Workflow, Secret],
  context: PlatformRequest,
};

action "create"`,
    ],
  ])
  // what a call of theirs says beyond ours: whether a deletion can be undone, and who looked at it
  await replace(join(path, 'schema/actions.cedarschema'), [
    ['approval?: Approval };', 'approval?: Approval, soft?: Bool, reviewers?: Set<String> };'],
  ])
  await writeFile(join(path, 'schema/others.cedarschema'), othersSchema)
  await writeFile(join(path, 'admin/others.cedar'), othersPolicies)
  return {
    path,
    write: (people) => writeFile(join(path, 'admin/owners.cedar'), ownersPolicies(people)),
    remove: () => rm(path, { recursive: true, force: true }),
  }
}

async function replace(file: string, changes: readonly (readonly [string, string])[]): Promise<void> {
  let text = await readFile(file, 'utf8')
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new TypeError(`${file} has no ${from}`)
    text = text.replace(from, to)
  }
  await writeFile(file, text)
}

const othersSchema = `
entity todo in [Workspace, Environment] { workspace: Workspace, environment: Environment, ownerID?: String,
  watchers?: Set<String>, phone?: Long };
entity record in [Workspace, Environment] { workspace: Workspace, environment: Environment, status?: String };

action "can_read_user" appliesTo { principal: [User], resource: [User], context: PlatformRequest };
action "can_read_todos", "can_create_todo", "can_update_todo", "can_delete_todo" appliesTo {
  principal: [User],
  resource: [todo],
  context: PlatformRequest,
};
action "write" appliesTo { principal: [User], resource: [record], context: PlatformRequest };
`

const policy = (id: string, text: string): string =>
  `@id("${id}")\n@doc("what an example says")\n@severity("low")\n${text}\n`

const changes = 'action in [Action::"can_update_todo", Action::"can_delete_todo"]'

// viewer: Viewer; editor: Developer; admin and evil genius: Operator. Of the records: alice is a Developer, bob an
// Operator.
const othersPolicies = [
  policy('todo-seen', 'permit (principal, action in [Action::"can_read_user", Action::"can_read_todos"], resource);'),
  policy(
    'todo-made',
    'permit (principal, action == Action::"can_create_todo", resource)\n' +
      'when { principal in Role::"Developer" || principal in Role::"Operator" };',
  ),
  policy('todo-any', `permit (principal in Role::"Operator", ${changes}, resource);`),
  policy('record-read', 'permit (principal is User, action == Action::"read", resource is record);'),
  policy(
    'record-written',
    'permit (principal in Role::"Developer", action == Action::"write", resource is record)\n' +
      'unless { resource has status && resource.status == "archived" };',
  ),
  policy(
    'archive-written',
    'permit (principal in Role::"Operator", action == Action::"write", resource is record)\n' +
      'when { resource has status && resource.status == "archived" };',
  ),
  policy(
    'record-deleted-softly',
    'permit (principal in Role::"Developer", action == Action::"delete", resource is record)\n' +
      'when { context has soft && context.soft };',
  ),
].join('\n')

/** Editors change and delete what is theirs: their mail address, as the list of todos has it, for each of them. */
const ownersPolicies = (people: Readonly<Record<string, string>>): string =>
  Object.entries(people)
    .map(([mail, id], index) =>
      policy(
        `todo-own-${index}`,
        `permit (principal == User::"${id}", ${changes}, resource)\n` +
          `when { resource has ownerID && resource.ownerID == "${mail}" };`,
      ),
    )
    .join('\n')
