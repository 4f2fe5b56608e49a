//! New organizations with their first owner: by registration, and by the local host at its first start.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    access::Role,
    id::{OrgId, UserId},
    phone::Country,
};
use engine::App;
use store::{
    organizations::{self, InboundSettings, Organization},
    users::{self, User},
};

use super::passwords;

/// An organization that is to be, and its first owner. Texts are checked already.
pub struct NewOrganization {
    /// The organization's name.
    pub organization: String,
    /// Its country.
    pub default_country: Country,
    /// Its time zone.
    pub timezone: String,
    /// The owner's name.
    pub name: String,
    /// The owner's address, in lower case.
    pub email: String,
    /// The owner's password.
    pub password: String,
}

/// Makes an organization with its first owner, and `more` in the same transaction. `email_taken` if the address
/// belongs to someone, `changed_meanwhile` if a condition of `more` fails.
pub async fn create(app: &App, new: NewOrganization, more: Vec<TransactWriteItem>) -> Result<(Organization, User)> {
    let now = app.now();
    let organization = Organization {
        id: OrgId::new(now, app.random.bits()),
        name: new.organization,
        default_country: new.default_country,
        timezone: new.timezone,
        inbound: InboundSettings::default(),
        smart: false,
        owners: 1,
        created_at: now,
        updated_at: now,
    };
    let user = User {
        id: UserId::new(now, app.random.bits()),
        email: new.email,
        name: new.name,
        password_hash: passwords::hash(new.password).await?,
        created_at: now,
        updated_at: now,
    };
    let mut writes = users::create(&app.table, organization.id, &user, Role::Owner)?;
    writes.push(organizations::create(&app.table, &organization)?);
    writes.extend(more);
    app.table.transact(writes).await.map_err(
        |cancelled| {
            if cancelled.failed(0) { email_taken() } else { cancelled.into() }
        },
    )?;
    Ok((organization, user))
}

/// 409: someone signs in with this address already.
pub(super) fn email_taken() -> Error {
    Error::conflict("email_taken", "Someone signs in with this address already.")
}
