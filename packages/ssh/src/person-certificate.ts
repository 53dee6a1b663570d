/**
 * What a person's certificate may do beside running commands: a terminal and tunnels. No agent and no X11 forwarding,
 * which expose the person to the host.
 */
export const personExtensions = ['permit-pty', 'permit-port-forwarding'] as const
