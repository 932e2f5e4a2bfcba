# makes: a private database (Cloud SQL) with automatic backups that accepts encrypted connections only
# assumes: The network has private services access, so that the database gets a private address.
# assumes: People and programs sign in with their Google identity; no password is made.
# asks: Which service account reaches the database?
# output: database_connection | google_sql_database_instance.recipe_name_database.connection_name | Connection name of the database
resource "google_sql_database_instance" "recipe_name_database" {
  name                = var.name
  region              = var.region
  database_version    = var.database_version
  deletion_protection = true

  settings {
    tier              = var.database_tier
    disk_size         = var.disk_gb
    availability_type = "ZONAL"

    backup_configuration {
      enabled = true

      backup_retention_settings {
        retained_backups = var.backup_days
      }
    }

    ip_configuration {
      ipv4_enabled    = false
      private_network = var.network_id
      ssl_mode        = "ENCRYPTED_ONLY"
    }
  }
}

resource "google_sql_database" "recipe_name_database" {
  name     = var.name
  instance = google_sql_database_instance.recipe_name_database.name
}
