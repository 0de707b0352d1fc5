export const EXPORT = `camera-shepherd export reservations --format FORMAT [--out FILE] [--force]
                     [--config FILE] [--json] [--log-level LEVEL]

Prints a DHCP reservation for every camera that was learned, at the address
where it was proved last: with them a camera keeps its address. What is not
worth a reservation, and why, is told on standard error.

  --format FORMAT  dnsmasq, pihole (version 6), kea, opnsense (Kea's import),
                   openwrt, mikrotik, unifi (bodies for its API), or csv
  --out FILE       write there; a file that is there already is left alone
  --force          replace it
  --json           reservations and notes for programs; needs no format

Examples
  camera-shepherd export reservations --format dnsmasq
  camera-shepherd export reservations --format csv --out cameras.csv

Exit codes
  0   done
  1   nothing is learned yet
  2   a person must act: the file cannot be written
  64  wrong usage or options; the file is there already
`;

export const IMPORT = `camera-shepherd import FILE [--format FORMAT] [--dry-run] [--force]
                     [--config FILE] [--json] [--log-level LEVEL]

Takes MAC addresses of a list into what is known of the configured cameras: a
line belongs to the camera with its name, else to the one at its address. For
cameras that moved before they were learned. Nothing is proved by it: every
camera is proved before anything is written for it.

  --format FORMAT  csv (name, mac, ip), netalertx (devices.csv), watchyourlan
                   (the answer of /api/all); told by the content where absent
  --dry-run        say what would be taken, and take nothing
  --force          replace MAC addresses that are known and differ

Examples
  camera-shepherd import cameras.csv --dry-run
  camera-shepherd import devices.csv --format netalertx

Exit codes
  0   done, or known already
  2   a person must act: a broken line, a doubtful one, no camera named
  64  wrong usage or options
`;
