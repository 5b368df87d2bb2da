/** Commands of other programs, with the reason why no test runs them. Any other command of theirs is a mistake. */
export interface Foreign {
  /** All commands of these programs. */
  programs: readonly string[];
  /** The forms that documents may show. */
  forms: readonly RegExp[];
  reason: string;
}

export const foreign: readonly Foreign[] = [
  {
    programs: ["systemctl", "journalctl"],
    forms: [
      /^systemctl (enable --now|restart|stop|start) tim-relay$/,
      /^systemctl enable --now tim-relay-backup\.timer$/,
      /^journalctl -u tim-relay -f$/,
    ],
    reason: "they need a host whose first process is systemd; the units themselves are verified by a test",
  },
  {
    programs: ["useradd", "chown", "chmod", "mv", "cp"],
    forms: [
      /^useradd --system --home-dir \/var\/lib\/tim-relay --shell \/usr\/sbin\/nologin tim-relay$/,
      /^chown -R tim-relay: \/opt\/tim-relay$/,
      /^chmod 600 \/etc\/tim-relay\.env$/,
      /^mv \/var\/lib\/tim-relay\/data \/var\/lib\/tim-relay\/data\.broken$/,
      /^cp -a \/var\/lib\/tim-relay-backups\/[\d-]+ \/var\/lib\/tim-relay\/data$/,
    ],
    reason: "they change the machine's users and files; a test restores a copy by starting a gateway on it",
  },
  {
    programs: ["podman", "docker"],
    forms: [
      /^(podman|docker) build -t tim-relay -f Containerfile \.$/,
      /^(podman|docker) run -d --name tim-relay( (--env-file|-p|-v) \S+)+ tim-relay$/,
      /^(podman|docker) (stop|logs|logs -f) tim-relay$/,
      /^podman exec tim-relay node_modules\/\.bin\/node src\/cli\/tim-relay\.js backup \/tmp\/[\d-]+$/,
      /^podman cp tim-relay:\/tmp\/[\d-]+ \.$/,
    ],
    reason: "an image needs a registry; what the container file starts is compared with the unit by a test",
  },
  {
    programs: ["rclone", "find", "zcat", "jq"],
    forms: [/^rclone copy r2:/, /^find \. -name "\*\.gz" -exec zcat/, /^jq -c 'select\(/],
    reason: "they read a bucket of R2, which needs an account",
  },
];
