# makes: a private, encrypted database (RDS) with automatic backups and a generated password
# assumes: The password is generated and kept by AWS Secrets Manager; it never stands in a file or in the state.
# assumes: The last snapshot is kept when the database is deleted.
# asks: Which application reaches the database? Its security group goes into the variable.
# output: database_endpoint | aws_db_instance.recipe_name.endpoint | Address and port of the database
resource "aws_db_subnet_group" "recipe_name" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_db_instance" "recipe_name" {
  identifier     = var.name
  engine         = var.database_engine
  instance_class = var.database_class

  allocated_storage = var.disk_gb
  storage_encrypted = true

  username                    = "dbadmin"
  manage_master_user_password = true

  db_subnet_group_name   = aws_db_subnet_group.recipe_name.name
  vpc_security_group_ids = var.security_group_ids
  publicly_accessible    = false

  backup_retention_period   = var.backup_days
  deletion_protection       = true
  final_snapshot_identifier = "${var.name}-final"
}
