// The settings that every e-mail provider has, as a form shows them; docs/providers/email.md explains them.

export interface MailSettings {
  replyTo: string;
  unsubscribeLink: boolean;
  trackingDomain: string;
  logoUrl: string;
  color: string;
  backgroundColor: string;
  footer: string;
  postalAddress: string;
}

const LOOK = ['logoUrl', 'color', 'backgroundColor', 'footer', 'postalAddress'] as const;
const OWN = ['replyTo', 'trackingDomain'] as const;

/** Where the form has what the API names. */
export const MAIL_NAMES: Record<string, string> = {
  ...Object.fromEntries(LOOK.map((name) => [`settings.branding.${name}`, `mail.${name}`])),
  ...Object.fromEntries(OWN.map((name) => [`settings.${name}`, `mail.${name}`])),
};

function texts<N extends string>(names: readonly N[], from: Record<string, unknown>): Record<N, string> {
  return Object.fromEntries(names.map((name) => [name, typeof from[name] === 'string' ? from[name] : ''])) as Record<N, string>;
}

/** What is said in the settings of a config; `rest` is what its kind has beside that. */
export function readMail(settings: Record<string, unknown>): { mail: MailSettings; rest: Record<string, unknown> } {
  const { replyTo, trackingDomain, unsubscribeLink, branding, ...rest } = settings;
  const mail = {
    ...texts(OWN, { replyTo, trackingDomain }),
    ...texts(LOOK, (branding ?? {}) as Record<string, unknown>),
    unsubscribeLink: unsubscribeLink !== false,
  };
  return { mail, rest };
}

/** The settings to be stored. What is left empty is not in them. */
export function writeMail(mail: MailSettings, rest: Record<string, unknown>): Record<string, unknown> {
  const filled = (names: readonly (keyof MailSettings)[]) => Object.fromEntries(names.flatMap((name) => (mail[name] ? [[name, mail[name]]] : [])));
  const branding = filled(LOOK);
  return { ...rest, ...filled(OWN), unsubscribeLink: mail.unsubscribeLink, ...(Object.keys(branding).length > 0 ? { branding } : {}) };
}
