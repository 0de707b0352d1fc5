/** Whose form a list of reservations can have. */
export const RESERVATION_FORMATS = ["dnsmasq", "pihole", "kea", "opnsense", "openwrt", "mikrotik", "unifi", "csv"] as const;
export type ReservationFormat = (typeof RESERVATION_FORMATS)[number];

/** Whose lists of MAC addresses are read. */
export const MAC_LIST_FORMATS = ["csv", "netalertx", "watchyourlan"] as const;
export type MacListFormat = (typeof MAC_LIST_FORMATS)[number];
