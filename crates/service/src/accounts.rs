//! Members of staff: making accounts, signing in and out, sessions on the server.
//! Names and addresses are sealed; the login is found by a blind index.

use chrono::{DateTime, TimeDelta, Utc};
use peshi_casework::AccountId;
use peshi_store::{AccountRow, AuditEntry, DigestRate, PermissionRow, SessionRow};
use peshi_vault::{OrganisationKey, Sealed, password, token, token_hash};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Service;
use crate::access::{Action, Role, Viewer, require};
use crate::error::ServiceError;
use crate::views::AccountView;

/// How long a session lives without being renewed.
const SESSION_HOURS: i64 = 12;
/// Wrong passwords in a row before an account pauses.
const TRIES: i32 = 5;
/// How long it pauses.
const PAUSE_MINUTES: i64 = 15;
/// How long a staff member's permission to be written to holds before it must be asked again.
pub const PERMISSION_DAYS: i64 = 365;

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The name shown to colleagues.
    pub name: String,
    /// The mail address; also the login.
    pub email: String,
    /// The role.
    pub role: Role,
    /// `en` or `ur`.
    pub language: String,
    /// The password.
    pub password: String,
    /// They agreed to be written to at this address about their cases.
    pub may_be_mailed: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) email: String,
}

/// The blind index of a login, in whatever case it is typed.
pub(crate) fn login_index(key: &OrganisationKey, login: &str) -> String {
    key.blind_index("accounts.login", &login.trim().to_lowercase())
}

/// What a profile is bound to.
pub(crate) fn profile_place(account: Uuid) -> String {
    format!("accounts.profile:{account}")
}

impl Service {
    /// Makes an account; the caller is the binary at the console, which whoever holds the key file may use.
    ///
    /// # Errors
    /// A login that exists, a password that is too short, an address that is none.
    pub async fn create_account(
        &self,
        new: &NewAccount,
        now: DateTime<Utc>,
    ) -> Result<AccountId, ServiceError> {
        if new.password.chars().count() < 12 {
            return Err(ServiceError::invalid("the password needs at least 12 characters"));
        }
        if !new.email.contains('@') || new.email.contains(char::is_whitespace) {
            return Err(ServiceError::invalid(format!(
                "`{}` is not a mail address",
                new.email
            )));
        }
        let id = self.new_account_id(now);
        let profile = Profile {
            name: new.name.clone(),
            email: new.email.trim().to_owned(),
        };
        let password_hash = self.with_entropy(|fill| password::hash(&new.password, fill))?;
        let row = AccountRow {
            id: id.0,
            login_index: self.login_index(&new.email),
            profile: self.seal_profile(id, &profile)?,
            role: new.role.as_str().to_owned(),
            language: new.language.clone(),
            password_hash,
            active: true,
            digest: DigestRate::Daily,
            created_at: now,
            failed_logins: 0,
            locked_until: None,
        };
        let mut tx = self.store.begin().await?;
        self.core.require_current_key(&mut tx).await?;
        tx.put_account(&row).await?;
        if new.may_be_mailed {
            tx.put_permission(&self.staff_permission(id, &new.language, now))
                .await?;
        }
        tx.audit(&[entry(now, "console", "account_created", id)]).await?;
        tx.commit().await?;
        Ok(id)
    }

    fn login_index(&self, login: &str) -> String {
        login_index(&self.key, login)
    }

    fn seal_profile(&self, id: AccountId, profile: &Profile) -> Result<Vec<u8>, ServiceError> {
        let clear = serde_json::to_vec(profile)
            .map_err(|e| ServiceError::invalid(format!("the profile cannot be stored: {e}")))?;
        let place = profile_place(id.0);
        Ok(self
            .with_entropy(|fill| self.key.seal(&place, &clear, fill))
            .into_bytes())
    }

    pub(crate) fn profile(&self, row: &AccountRow) -> Result<Profile, ServiceError> {
        let place = profile_place(row.id);
        let clear = self.key.open(&place, &Sealed::from_bytes(row.profile.clone()))?;
        serde_json::from_slice(&clear).map_err(|e| ServiceError::Corrupt {
            case: row.id.to_string(),
            problem: e.to_string(),
        })
    }

    /// Signs somebody in and gives the token of the new session.
    ///
    /// # Errors
    /// [`ServiceError::WrongSignIn`] for an unknown name and for a wrong password alike;
    /// [`ServiceError::TooManyTries`] while the account pauses.
    pub async fn sign_in(
        &self,
        login: &str,
        given: &str,
        now: DateTime<Utc>,
    ) -> Result<String, ServiceError> {
        let Some(found) = self.store.account_by_login(&self.login_index(login)).await? else {
            let given = given.to_owned();
            // The same work as for a known name, so that the time taken tells nothing.
            blocking(move || password::dummy_verify(&given)).await?;
            return Err(ServiceError::WrongSignIn);
        };
        if let Some(until) = found.locked_until.filter(|until| *until > now) {
            return Err(ServiceError::TooManyTries { until });
        }
        let (text, stored) = (given.to_owned(), found.password_hash.clone());
        let right = blocking(move || password::verify(&text, &stored)).await? && found.active;
        let mut tx = self.store.begin().await?;
        let mut row = tx
            .account_for_update(found.id)
            .await?
            .ok_or(ServiceError::WrongSignIn)?;
        if !right {
            row.failed_logins += 1;
            row.locked_until =
                (row.failed_logins % TRIES == 0).then(|| now + TimeDelta::minutes(PAUSE_MINUTES));
            tx.update_account(&row).await?;
            tx.audit(&[entry(now, "anonymous", "sign_in_failed", AccountId(row.id))])
                .await?;
            tx.commit().await?;
            return Err(ServiceError::WrongSignIn);
        }
        row.failed_logins = 0;
        row.locked_until = None;
        tx.update_account(&row).await?;
        tx.audit(&[entry(
            now,
            &format!("account:{}", row.id),
            "signed_in",
            AccountId(row.id),
        )])
        .await?;
        tx.commit().await?;
        let secret = self.with_entropy(|fill| token(fill));
        self.store
            .put_session(&SessionRow {
                id: token_hash(&secret),
                account_id: Some(row.id),
                data: String::new(),
                expires_at: now + TimeDelta::hours(SESSION_HOURS),
                created_at: now,
            })
            .await?;
        Ok(secret)
    }

    /// Who a session token belongs to; none if it is unknown, too old, or the account was closed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn viewer(&self, secret: &str, now: DateTime<Utc>) -> Result<Option<Viewer>, ServiceError> {
        let Some(session) = self.store.session(&token_hash(secret)).await? else {
            return Ok(None);
        };
        let Some(id) = session.account_id.filter(|_| session.expires_at > now) else {
            return Ok(None);
        };
        let Some(row) = self.store.account(id).await?.filter(|a| a.active) else {
            return Ok(None);
        };
        self.viewer_of(&row).map(Some)
    }

    pub(crate) fn viewer_of(&self, row: &AccountRow) -> Result<Viewer, ServiceError> {
        let role = Role::named(&row.role).ok_or_else(|| ServiceError::Corrupt {
            case: row.id.to_string(),
            problem: format!("the role `{}` is unknown", row.role),
        })?;
        Ok(Viewer {
            account: AccountId(row.id),
            name: self.profile(row)?.name,
            role,
            language: row.language.clone(),
        })
    }

    /// The account signed in with `login`, for the binary's own commands.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] if there is none.
    pub async fn viewer_by_login(&self, login: &str) -> Result<Viewer, ServiceError> {
        let row = self.store.account_by_login(&self.login_index(login)).await?;
        self.viewer_of(&row.filter(|a| a.active).ok_or(ServiceError::NotFound)?)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_out(&self, secret: &str) -> Result<(), ServiceError> {
        self.store.delete_session(&token_hash(secret)).await?;
        Ok(())
    }

    /// Changes the language of somebody's pages and messages.
    ///
    /// # Errors
    /// A language that is not offered.
    pub async fn set_language(&self, viewer: &Viewer, language: &str) -> Result<(), ServiceError> {
        if !["en", "ur"].contains(&language) {
            return Err(ServiceError::invalid(format!(
                "`{language}` is not offered; use en or ur"
            )));
        }
        let mut tx = self.store.begin().await?;
        let mut row = tx
            .account_for_update(viewer.account.0)
            .await?
            .ok_or(ServiceError::NotFound)?;
        language.clone_into(&mut row.language);
        tx.update_account(&row).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Records that somebody was asked again and still agrees to be written to; the old answer gives way to the new one.
    ///
    /// # Errors
    /// When there is no such account, it is closed, or the database fails.
    pub async fn renew_permission(&self, id: AccountId, now: DateTime<Utc>) -> Result<(), ServiceError> {
        let before = self.store.permissions(id.0).await?;
        let mut tx = self.store.begin().await?;
        let row = tx
            .account_for_update(id.0)
            .await?
            .filter(|a| a.active)
            .ok_or(ServiceError::NotFound)?;
        for old in before
            .iter()
            .filter(|p| p.channel == "email" && p.revoked_at.is_none())
        {
            tx.revoke_permission(old.id, now).await?;
        }
        tx.put_permission(&self.staff_permission(id, &row.language, now))
            .await?;
        tx.audit(&[entry(now, "console", "permission_renewed", id)])
            .await?;
        tx.commit().await?;
        Ok(())
    }

    fn staff_permission(&self, id: AccountId, language: &str, now: DateTime<Utc>) -> PermissionRow {
        PermissionRow {
            id: self.new_id(now),
            account_id: id.0,
            channel: "email".to_owned(),
            language: language.to_owned(),
            level: 3,
            granted_at: now,
            expires_at: now + TimeDelta::days(PERMISSION_DAYS),
            revoked_at: None,
            granted_by: "console".to_owned(),
        }
    }

    /// Closes an account: no sign-in, no message, no session from now on.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn close_account(&self, id: AccountId, now: DateTime<Utc>) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        let mut row = tx.account_for_update(id.0).await?.ok_or(ServiceError::NotFound)?;
        row.active = false;
        tx.update_account(&row).await?;
        tx.audit(&[entry(now, "console", "account_closed", id)]).await?;
        tx.commit().await?;
        self.store.delete_account_sessions(id.0).await?;
        Ok(())
    }

    /// Every account, for the administrator.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] for anybody else.
    pub async fn accounts(&self, viewer: &Viewer) -> Result<Vec<AccountView>, ServiceError> {
        require(viewer.role, Action::Administer, "read the list of accounts")?;
        self.store
            .accounts()
            .await?
            .iter()
            .map(|row| {
                let profile = self.profile(row)?;
                Ok(AccountView {
                    id: row.id.to_string(),
                    name: profile.name,
                    login: profile.email,
                    role: row.role.clone(),
                    active: row.active,
                })
            })
            .collect()
    }

    /// Whether any account exists: a fresh installation has none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_accounts(&self) -> Result<bool, ServiceError> {
        Ok(self.store.has_accounts().await?)
    }
}

fn entry(at: DateTime<Utc>, actor: &str, action: &str, account: AccountId) -> AuditEntry {
    AuditEntry {
        at,
        actor: actor.to_owned(),
        action: action.to_owned(),
        resource: format!("account:{account}"),
        detail: None,
    }
}

/// Password hashing takes tens of milliseconds of pure work; it must not hold up other requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ServiceError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| ServiceError::invalid(format!("the password check was broken off: {e}; try again")))
}
