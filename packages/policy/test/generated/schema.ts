/** A schema with everything that a key of facts can go wrong on. */
export const generatedSchema = `
entity Role enum ["Admin", "Viewer", "Auditor"];
entity Group in [Group];
entity Team in [Group] { lead?: User, level: Long };
type Prefs = { theme: String, owner?: User, deep: { n: Long, who?: User, at?: datetime } };
entity User in [Team, Group, Role] {
  name: String, age: Long, active: Bool, boss?: User, home?: Doc, net?: ipaddr, score?: decimal, born?: datetime,
  flags: Set<String>, prefs: Prefs, friends: Set<User>, teams?: Set<Team>,
};
entity Service in [Team] { bound: Bool, owner?: User, limit: duration };
entity Doc in [Doc, Team] {
  owner: User, level: Long, labels: Set<String>, readers: Set<User>, teams: Set<Team>, meta?: { by: User, note?: String },
};
entity Box in [Doc] { doc?: Doc };

action "any";
action "readers", "writers" in [Action::"any"];
action "writes" in [Action::"writers"];
type Base = { now: datetime, ip: ipaddr, mfa: Bool, n?: Long, approver?: User, prefs?: Prefs, words: Set<String> };
action "read" in [Action::"readers", Action::"any"] appliesTo { principal: [User, Service], resource: [Doc, Box], context: Base };
action "write" in [Action::"writes"] appliesTo { principal: [User, Service], resource: [Doc], context: Base };
action "seal" in [Action::"any"] appliesTo { principal: [User], resource: [Box, Team], context: { why: String, span: duration, doc?: Doc } };
`
