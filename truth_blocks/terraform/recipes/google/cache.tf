# makes: a private Redis cache (Memorystore) with a replica, password and encryption in transit
# assumes: One replica takes over when the primary fails.
# output: cache_host | google_redis_instance.recipe_name.host | Address of the cache
resource "google_redis_instance" "recipe_name" {
  name                    = var.name
  region                  = var.region
  tier                    = "STANDARD_HA"
  memory_size_gb          = var.cache_gb
  authorized_network      = var.network_id
  auth_enabled            = true
  transit_encryption_mode = "SERVER_AUTHENTICATION"
}
