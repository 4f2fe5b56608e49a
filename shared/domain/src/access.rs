//! Who may do what: roles of people and scopes of API keys.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person may do in an organization. Each role may do all that the smaller ones may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub enum Role {
    /// Reads all but credentials and API keys.
    Viewer,
    /// Also writes contacts, groups, imports, templates and messages.
    Member,
    /// Also providers, users below owner, API keys, settings, and decides on what a crash left open.
    Admin,
    /// Also owners, billing and deletion.
    Owner,
}

impl Role {
    /// All, smallest first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    /// As clients and the table write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "VIEWER",
            Self::Member => "MEMBER",
            Self::Admin => "ADMIN",
            Self::Owner => "OWNER",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What an API key may do. A person has all scopes; their role decides.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Scope {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Scope {
            /// All, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As clients and the table write it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }

        impl FromStr for Scope {
            type Err = UnknownScope;

            fn from_str(text: &str) -> Result<Self, UnknownScope> {
                match text {
                    $($text => Ok(Self::$name),)*
                    _ => Err(UnknownScope),
                }
            }
        }
    };
}

/// A text that names no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such scope")]
pub struct UnknownScope;

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

scopes! {
    /// Reads contacts and their history.
    ContactsRead = "contacts:read",
    /// Writes contacts.
    ContactsWrite = "contacts:write",
    /// Reads groups.
    GroupsRead = "groups:read",
    /// Writes groups and who is in them.
    GroupsWrite = "groups:write",
    /// Reads imports.
    ImportsRead = "imports:read",
    /// Uploads and commits files.
    ImportsWrite = "imports:write",
    /// Reads templates.
    TemplatesRead = "templates:read",
    /// Writes templates.
    TemplatesWrite = "templates:write",
    /// Reads messages.
    MessagesRead = "messages:read",
    /// Sends, edits and cancels messages.
    MessagesWrite = "messages:write",
    /// Reads files that go with messages.
    MediaRead = "media:read",
    /// Uploads and deletes files that go with messages.
    MediaWrite = "media:write",
    /// Reads deliveries.
    DeliveriesRead = "deliveries:read",
    /// Retries and resolves deliveries.
    DeliveriesWrite = "deliveries:write",
    /// Reads the list of who gets no messages.
    SuppressionsRead = "suppressions:read",
    /// Puts addresses on that list, and takes them off.
    SuppressionsWrite = "suppressions:write",
    /// Reads conversations.
    ConversationsRead = "conversations:read",
    /// Replies in conversations.
    ConversationsWrite = "conversations:write",
    /// Reads provider configurations (credentials stay masked).
    ProvidersRead = "providers:read",
    /// Writes and tests provider configurations.
    ProvidersWrite = "providers:write",
    /// Reads the domains that e-mail is sent from.
    DomainsRead = "domains:read",
    /// Adds, checks and removes domains.
    DomainsWrite = "domains:write",
    /// Reads routing rules and prices.
    RoutingRead = "routing:read",
    /// Writes routing rules and prices.
    RoutingWrite = "routing:write",
    /// Reads alerts.
    AlertsRead = "alerts:read",
    /// Acknowledges alerts.
    AlertsWrite = "alerts:write",
    /// Reads webhook endpoints and what was sent to them.
    WebhookEndpointsRead = "webhook-endpoints:read",
    /// Writes, tests and replays to webhook endpoints.
    WebhookEndpointsWrite = "webhook-endpoints:write",
    /// Reads the dashboard.
    DashboardRead = "dashboard:read",
    /// Reads the organization's settings.
    OrganizationRead = "organization:read",
    /// Writes the organization's settings.
    OrganizationWrite = "organization:write",
    /// Reads the users.
    UsersRead = "users:read",
    /// Invites, changes and removes users.
    UsersWrite = "users:write",
    /// Reads API keys (never their secret).
    ApiKeysRead = "api-keys:read",
    /// Creates and deletes API keys.
    ApiKeysWrite = "api-keys:write",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_grow_and_are_written_in_capitals() {
        assert!(Role::ALL.is_sorted());
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
    }

    #[test]
    fn every_scope_reads_back() {
        for scope in Scope::ALL {
            assert_eq!(scope.name().parse(), Ok(*scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.name());
        }
    }
}
