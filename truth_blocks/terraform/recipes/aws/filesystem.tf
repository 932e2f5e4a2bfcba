# makes: an encrypted shared file system (EFS) mounted from each private subnet
# asks: Which machines mount it? Their security group goes into the variable.
# output: filesystem_id | aws_efs_file_system.recipe_name.id | Id of the file system
resource "aws_efs_file_system" "recipe_name" {
  encrypted = true

  tags = {
    Name = var.name
  }
}

resource "aws_efs_mount_target" "recipe_name" {
  count = length(var.subnet_ids)

  file_system_id  = aws_efs_file_system.recipe_name.id
  subnet_id       = var.subnet_ids[count.index]
  security_groups = var.security_group_ids
}
