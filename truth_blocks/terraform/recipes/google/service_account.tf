# makes: a service account with one role in the project
# assumes: No key is made for it: programs on Google Cloud use the account without one.
# asks: Who may act as this account?
# output: account_email | google_service_account.recipe_name_account.email | E-mail address of the service account
resource "google_service_account" "recipe_name_account" {
  account_id   = var.name
  display_name = var.name
}

resource "google_project_iam_member" "recipe_name_account" {
  project = var.project
  role    = var.role
  member  = google_service_account.recipe_name_account.member
}
