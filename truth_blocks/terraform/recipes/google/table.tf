# makes: a document database (Firestore) with point-in-time recovery, protected from deletion
# output: table_id | google_firestore_database.recipe_name.id | Id of the database
resource "google_firestore_database" "recipe_name" {
  name                              = var.name
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"
}
