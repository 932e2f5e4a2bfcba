# makes: a private Redis cache (ElastiCache) with a replica, encrypted at rest and in transit
# assumes: One replica takes over when the primary fails.
# asks: Which application reaches the cache? Its security group goes into the variable.
# output: cache_endpoint | aws_elasticache_replication_group.recipe_name.primary_endpoint_address | Address of the cache
resource "aws_elasticache_subnet_group" "recipe_name" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_elasticache_replication_group" "recipe_name" {
  replication_group_id       = var.name
  description                = "Cache"
  engine                     = "redis"
  node_type                  = var.cache_class
  num_cache_clusters         = 2
  automatic_failover_enabled = true
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  subnet_group_name          = aws_elasticache_subnet_group.recipe_name.name
  security_group_ids         = var.security_group_ids
}
